"""A process with inputs of every kind, and its launch form."""

#: Fields of every kind; the tool itself only says hello.
EVERY_KIND = b"""
cwlVersion: v1.2
class: CommandLineTool
id: vegetation-extent
label: Vegetation extent
baseCommand: [echo, hello]
stdout: said.txt
$namespaces: {s: "https://schema.org/"}
inputs:
  scene: {label: Scene, type: File}
  area: {label: Area, type: {type: record, fields: [{name: bbox, type: "double[]"}]}}
  start:
    label: From
    type: {type: record, name: string_format.yaml/Date, fields: [{name: value, type: string}]}
  seen:
    label: Seen
    type:
    - "null"
    - {type: record, name: string_format.yaml/DateTime, fields: [{name: value, type: string}]}
  login:
    label: Login
    type:
    - "null"
    - {type: record, name: string_format.yaml/Password, fields: [{name: value, type: string}]}
  outline:
    label: Outline
    type:
    - "null"
    - type: record
      fields:
      - {name: type, type: {type: enum, symbols: [Polygon]}}
      - {name: coordinates, type: Any}
  threshold:
    label: Threshold
    doc: "Not set: Otsu's method finds it."
    type: double?
    s:minValue: 0
    s:maxValue: 1
  cloud_limit:
    label: Cloud limit
    type: int
    default: 20
    s:minValue: 0
    s:maxValue: 100
    s:unitText: "%"
  index: {label: Index, type: {type: enum, symbols: [NDVI, EVI, SAVI]}, default: NDVI}
  season:
    label: Season
    type: {type: enum, symbols: [winter, spring, summer, autumn, all]}
    default: all
  mask_clouds:
    {label: Mask clouds, doc: Uses the scene classification layer., type: boolean, default: true}
  bands: {label: Bands, type: "string[]", default: [B04, B08, B11]}
  output:
    label: Output
    default: {resolution: 10, projection: "EPSG:32630"}
    type:
      type: record
      fields:
      - {name: resolution, label: Resolution, type: float, s:unitText: m}
      - {name: projection, label: Projection, type: string}
  note: {label: Note, type: string?}
  weights: {label: Weights, type: ["null", float, {type: array, items: float}]}
  tiles: {label: Tiles, type: "Directory[]?"}
  extra: {label: Extra, type: Any?}
outputs: {said: stdout}
"""


def form_of(page, process_id):
    form = page.get_by_role("region", name=f"Launch {process_id}")
    form.get_by_role("button", name="Launch", exact=True).wait_for(timeout=30_000)
    return form


def add(form, label, *texts):
    """Add entries to a list of short values."""
    form.get_by_role("button", name=f"Add to {label}").click()
    for text in texts:
        entry = form.get_by_label("Entry", exact=True)
        entry.fill(text)
        entry.press("Enter")
    form.get_by_label("Entry", exact=True).press("Escape")


def box_of(form):
    sides = ("West", "South", "East", "North")
    return [float(form.get_by_label(f"Area: {side}").input_value()) for side in sides]


def drag(page, start, end):
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=3)
    page.mouse.up()


def paste(locator, text):
    """Paste into a field, as the clipboard of a person would."""
    locator.evaluate(
        """(node, text) => {
          const clipboardData = new DataTransfer();
          clipboardData.setData('text', text);
          node.dispatchEvent(
            new ClipboardEvent('paste', {clipboardData, bubbles: true, cancelable: true}));
        }""",
        text,
    )
