cwlVersion: v1.2
$namespaces:
  s: https://schema.org/
s:softwareVersion: 1.0.0
$graph:
  - class: Workflow
    id: vegetation-extent
    label: Vegetation extent
    doc: Finds vegetation in Sentinel-2 scenes by the NDVI and Otsu's threshold
    requirements:
      - class: ScatterFeatureRequirement
      - class: SubworkflowFeatureRequirement
    inputs:
      items:
        label: Scenes
        doc: Folders that each hold a STAC item and its bands as cloud-optimised GeoTIFFs
        type: Directory[]
      aoi:
        label: Area of interest
        doc: West, south, east, north in the given reference system; the whole scene when empty
        type: string
        default: ""
      epsg:
        label: Reference system of the area
        doc: EPSG code of the area's coordinates
        type: string
        default: EPSG:4326
      bands:
        label: Bands
        doc: The two bands of the normalised difference, first minus second
        type: string[]
        default: [nir, red]
    outputs:
      stac:
        label: Catalogue
        doc: STAC catalogue of the mask
        type: Directory
        outputSource: gather/stac
      mask:
        label: Mask
        doc: 1 where vegetation is, 0 where not, 255 where no data are (cloud-optimised GeoTIFF)
        type: File
        outputSource: gather/mask
      preview:
        label: Picture
        doc: The mask as a picture
        type: File
        outputSource: gather/preview
      area_km2:
        label: Area
        doc: Area of vegetation in square kilometres; overlaps count once
        type: float
        outputSource: gather/area_km2
    steps:
      detect:
        run: "#detect"
        scatter: item
        in: {item: items, aoi: aoi, epsg: epsg, bands: bands}
        out: [mask]
      gather:
        run: "#gather"
        in: {items: items, masks: detect/mask}
        out: [stac, mask, preview, area_km2]

  - class: Workflow
    id: detect
    label: Vegetation of one scene
    requirements:
      - class: ScatterFeatureRequirement
    inputs:
      item: Directory
      aoi: string
      epsg: string
      bands: string[]
    outputs:
      mask:
        type: File
        outputSource: otsu/mask
    steps:
      crop:
        run: "#crop"
        scatter: band
        in: {item: item, aoi: aoi, epsg: epsg, band: bands}
        out: [cropped]
      difference:
        run: "#difference"
        in: {rasters: crop/cropped}
        out: [index]
      otsu:
        run: "#otsu"
        in: {raster: difference/index}
        out: [mask]

  - class: CommandLineTool
    id: crop
    label: Crop a band to the area
    requirements: &needs
      DockerRequirement: {dockerPull: "localhost/eodh/vegetation-extent:1.0.0"}
      ResourceRequirement: {coresMin: 1, ramMin: 256, ramMax: 1024}
    baseCommand: [vegetation-extent, crop]
    inputs:
      item: {type: Directory, inputBinding: {prefix: --item}}
      aoi: {type: string, inputBinding: {prefix: --aoi=, separate: false}}
      epsg: {type: string, inputBinding: {prefix: --epsg}}
      band: {type: string, inputBinding: {prefix: --band}}
    outputs:
      cropped: {type: File, outputBinding: {glob: "*.tif"}}

  - class: CommandLineTool
    id: difference
    label: Normalised difference of two bands
    requirements: *needs
    baseCommand: [vegetation-extent, difference]
    inputs:
      rasters: {type: "File[]", inputBinding: {position: 1}}
    outputs:
      index: {type: File, outputBinding: {glob: index.tif}}

  - class: CommandLineTool
    id: otsu
    label: Mask by Otsu's threshold
    requirements: *needs
    baseCommand: [vegetation-extent, otsu]
    inputs:
      raster: {type: File, inputBinding: {position: 1}}
    outputs:
      mask: {type: File, outputBinding: {glob: mask.tif}}

  - class: CommandLineTool
    id: gather
    label: Mosaic, picture, area and catalogue
    requirements:
      <<: *needs
      InlineJavascriptRequirement: {}
    baseCommand: [vegetation-extent, gather]
    inputs:
      items: {type: {type: array, items: Directory, inputBinding: {prefix: --item}}}
      masks: {type: {type: array, items: File, inputBinding: {prefix: --mask}}}
    outputs:
      stac: {type: Directory, outputBinding: {glob: catalogue}}
      mask: {type: File, outputBinding: {glob: catalogue/vegetation/mask.tif}}
      preview: {type: File, outputBinding: {glob: catalogue/vegetation/preview.png}}
      area_km2:
        type: float
        outputBinding:
          glob: area.txt
          loadContents: true
          outputEval: $(parseFloat(self[0].contents))
