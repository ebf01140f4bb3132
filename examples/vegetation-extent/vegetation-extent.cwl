cwlVersion: v1.2
$namespaces:
  s: https://schema.org/
s:softwareVersion: 1.0.1
$graph:
  - class: Workflow
    id: vegetation-extent
    label: Vegetation extent
    doc: Finds vegetation in Sentinel-2 scenes by the NDVI and Otsu's threshold
    requirements:
      ScatterFeatureRequirement: {}
      SubworkflowFeatureRequirement: {}
    inputs:
      items:
        label: Scenes
        doc: Folders that each hold a STAC item and its bands as cloud-optimised GeoTIFFs
        type: Directory[]
      aoi:
        label: Area of interest
        doc: west,south,east,north in the reference system; the whole of the scenes when empty
        type: string?
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
        doc: STAC catalogue of the mask and its picture
        type: Directory
        outputSource: catalogue/stac
      mask:
        label: Mask
        doc: 1 where vegetation is, 0 where not, 255 where no data are (cloud-optimised GeoTIFF)
        type: File
        outputSource: catalogue/mask
      preview:
        label: Picture
        doc: The mask as a picture (PNG)
        type: File
        outputSource: catalogue/preview
      area_km2:
        label: Area
        doc: Area of vegetation in square kilometres; overlaps of scenes count once
        type: float
        outputSource: catalogue/area_km2
    steps:
      detect:
        run: "#detect"
        scatter: item
        in: {item: items, aoi: aoi, epsg: epsg, bands: bands}
        out: [vegetation]
      catalogue:
        run: "#stac"
        in: {items: items, masks: detect/vegetation}
        out: [stac, mask, preview, area_km2]

  - class: Workflow
    id: detect
    label: Vegetation of one scene
    doc: Crops the bands, takes their normalised difference and splits it by Otsu's threshold
    requirements:
      ScatterFeatureRequirement: {}
    inputs:
      item: {label: Scene, doc: Folder of a STAC item, type: Directory}
      aoi: {label: Area of interest, doc: "west,south,east,north", type: "string?"}
      epsg: {label: Reference system, doc: EPSG code of the area's coordinates, type: string}
      bands: {label: Bands, doc: The two bands, type: "string[]"}
    outputs:
      vegetation: {type: File, outputSource: otsu/mask}
    steps:
      crop:
        run: "#crop"
        scatter: band
        in: {item: item, aoi: aoi, epsg: epsg, band: bands}
        out: [cropped]
      difference:
        run: "#normalized-difference"
        in: {rasters: crop/cropped}
        out: [index]
      otsu:
        run: "#otsu"
        in: {raster: difference/index}
        out: [mask]

  - class: CommandLineTool
    id: crop
    label: Crop a band to the area
    hints:
      DockerRequirement: {dockerPull: "localhost/eodh/vegetation-extent:1.0"}
    requirements:
      ResourceRequirement: {coresMin: 1, ramMin: 256, ramMax: 1024}
    baseCommand: [vegetation-extent, crop]
    inputs:
      item:
        label: Scene
        doc: Folder of a STAC item
        type: Directory
        inputBinding: {prefix: --item}
      aoi:
        label: Area of interest
        doc: west,south,east,north
        type: string?
        inputBinding: {prefix: --aoi=, separate: false}
      epsg:
        label: Reference system
        doc: EPSG code of the area's coordinates
        type: string
        inputBinding: {prefix: --epsg}
      band:
        label: Band
        doc: Name of the band's asset in the STAC item
        type: string
        inputBinding: {prefix: --band}
    outputs:
      cropped: {type: File, outputBinding: {glob: "*.tif"}}

  - class: CommandLineTool
    id: normalized-difference
    label: Normalised difference of two bands
    hints:
      DockerRequirement: {dockerPull: "localhost/eodh/vegetation-extent:1.0"}
    requirements:
      ResourceRequirement: {coresMin: 1, ramMin: 256, ramMax: 1024}
    baseCommand: [vegetation-extent, normalized-difference]
    inputs:
      rasters:
        label: Bands
        doc: Two bands on one grid
        type: File[]
        inputBinding: {position: 1}
    outputs:
      index: {type: File, outputBinding: {glob: index.tif}}

  - class: CommandLineTool
    id: otsu
    label: Mask by Otsu's threshold
    hints:
      DockerRequirement: {dockerPull: "localhost/eodh/vegetation-extent:1.0"}
    requirements:
      ResourceRequirement: {coresMin: 1, ramMin: 256, ramMax: 1024}
    baseCommand: [vegetation-extent, otsu]
    inputs:
      raster:
        label: Index
        doc: Raster whose values fall into two classes
        type: File
        inputBinding: {position: 1}
    outputs:
      mask: {type: File, outputBinding: {glob: mask.tif}}

  - class: CommandLineTool
    id: stac
    label: Mosaic, picture, area and catalogue
    hints:
      DockerRequirement: {dockerPull: "localhost/eodh/vegetation-extent:1.0"}
    requirements:
      InlineJavascriptRequirement: {}
      ResourceRequirement: {coresMin: 1, ramMin: 256, ramMax: 1024}
    baseCommand: [vegetation-extent, stac]
    inputs:
      items:
        label: Scenes
        doc: Folders of the STAC items
        type: {type: array, items: Directory, inputBinding: {prefix: --item}}
      masks:
        label: Masks
        doc: One mask for each scene
        type: {type: array, items: File, inputBinding: {prefix: --mask}}
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
