/** Id of the example's process. */
export const EXAMPLE_ID = 'count-words';
export const EXAMPLE_FILE = 'count-words.cwl';

/** A workflow that runs on any computer in a second, and shows a scatter. */
export const EXAMPLE = `cwlVersion: v1.2
class: Workflow
id: ${EXAMPLE_ID}
label: Count the words of some texts
doc: |
  Each text is counted by a step of its own; a last step adds the counts up.
  Change it, deploy it again, and only the steps that changed run again.

requirements:
  ScatterFeatureRequirement: {}

inputs:
  texts:
    type: string[]
    label: Texts
    default: [green fields, deep blue water, snow]

outputs:
  total:
    type: File
    label: Number of words
    outputSource: add/total

steps:
  count:
    scatter: text
    in: {text: texts}
    out: [words]
    run:
      class: CommandLineTool
      baseCommand: [sh, -c, 'echo "counting: $0"; sleep 1; echo "$0" | wc -w > words.txt']
      inputs:
        text: {type: string, inputBinding: {position: 1}}
      outputs:
        words: {type: File, outputBinding: {glob: words.txt}}
  add:
    in: {counts: count/words}
    out: [total]
    run:
      class: CommandLineTool
      baseCommand: [awk, '{sum += $1} END {print sum}']
      stdout: total.txt
      inputs:
        counts: {type: 'File[]', inputBinding: {position: 1}}
      outputs:
        total: {type: stdout}
`;
