import Testing

/// One slip in the good production file, and all that is said about it.
struct ProductionFileMistake: Sendable, CustomTestStringConvertible {
  let instead: String
  let written: String
  let findings: [String]

  init(_ instead: String, _ written: String, _ findings: String...) {
    self.instead = instead
    self.written = written
    self.findings = findings
  }

  var testDescription: String { written }

  static let all = keys + values + names + generators + files

  private static let keys = [
    ProductionFileMistake(
      "    segments: 3", "    segmnts: 3",
      #"17:5 missing_key scene type "alley_chase" has no "segments" (add the key segments)"#,
      #"18:5 unknown_key scene type "alley_chase" has no key "segmnts" (did you mean segments?)"#),
    ProductionFileMistake(
      "    fps: 12", "    fps: 12\n    fps: 24",
      #"22:5 duplicate_key scene type "alley_chase" has the key "fps" already, in line 21"#),
    ProductionFileMistake(
      "budgets:", "project: other\nproject: third\nbudgets:",
      #"28:1 duplicate_key the production file has the key "project" already, in line 1"#,
      #"29:1 duplicate_key the production file has the key "project" already, in line 1"#),
    ProductionFileMistake(
      "  clip: {", "  \"portrait\": {kind: segment}\n  clip: {",
      #"10:3 duplicate_key "generators" has the key "portrait" already, in line 5"#),
    ProductionFileMistake(
      "{gpu_hours: 2", "{<<: 2",
      #"28:11 unknown_key "budgets" has no key "<<" (merge keys are not read; an alias can stand for a whole value)"#),
    ProductionFileMistake(
      "budgets: {gpu_hours: 2, disk_gb: 0.5}", "budgets: {[a]: 2}", #"28:11 wrong_type a key of "budgets" is a word"#),
  ]

  private static let values = [
    ProductionFileMistake(
      "segments: 3", "segments: [3]",
      #"18:15 wrong_type "segments" of scene type "alley_chase" is one text, not a list"#),
    ProductionFileMistake(
      "description: A chase in five looks", "description:",
      #"2:13 wrong_type "description" of the production file has no value"#),
    ProductionFileMistake(
      "users: [{name: mira, role: producer}, {name: ono, role: reviewer}]", "users: mira",
      #"3:8 wrong_type "users" of the production file is a list, not the text "mira""#),
    ProductionFileMistake(
      "{name: Aria Vale, source: sources/aria.png}", "Aria Vale",
      #"13:5 wrong_type a character has keys and values, not the text "Aria Vale""#),
    ProductionFileMistake(
      "segments: 3", "segments: three",
      #"18:15 bad_number "segments" of scene type "alley_chase": "three" is not a whole number"#),
    ProductionFileMistake(
      "segments: 3", "segments: 0",
      #"18:15 out_of_range "segments" of scene type "alley_chase" is 1 to 1000, not 0"#),
    ProductionFileMistake(
      "seconds: 1.5", "seconds: 1.5x",
      #"19:14 bad_duration "seconds" of scene type "alley_chase": "1.5x" is not a duration such as 90s, 2m or 1h30m"#),
    ProductionFileMistake(
      "time_limit: 1m", "time_limit: 8d",
      #"8:17 out_of_range "time_limit" of generator "portrait" is 100ms to 7d, not 8d"#),
    ProductionFileMistake(
      "320x180", "320 by 180",
      #"20:17 bad_resolution "resolution" of scene type "alley_chase": "320 by 180" is not a resolution such as 1280x720"#
    ),
    ProductionFileMistake(
      "320x180", "320x20000",
      #"20:17 out_of_range "resolution" of scene type "alley_chase" is 16 to 16384 pixels a side, not 320x20000"#),
    ProductionFileMistake(
      "disk: 1MB", "disk: 1 mile",
      #"24:31 bad_size "disk" of "estimate" of scene type "alley_chase": "1 mile" is not a size such as 500KB, 1.5GB or 64MiB"#
    ),
    ProductionFileMistake(
      "gpu_hours: 2", "gpu_hours: -1", #"28:22 out_of_range "gpu_hours" of "budgets" is 0 to 1000000000, not -1"#),
    ProductionFileMistake(
      "gpu_hours: 2", "gpu_hours: 1e3", #"28:22 bad_number "gpu_hours" of "budgets": "1e3" is not a number"#),
    ProductionFileMistake(
      "min_height: 300", "max_side: 200", "11:42 out_of_range no picture is at least 256 x 512 with no side over 200"),
  ]

  private static let names = [
    ProductionFileMistake(
      "name: Bo Okafor", "name: Aria Vale",
      #"14:11 duplicate_name character "Aria Vale" stands already in line 13"#),
    ProductionFileMistake(
      "name: suit", "name: coat", #"27:12 duplicate_name variant type "coat" stands already in line 26"#),
    ProductionFileMistake(
      "project: neon-city", "project: ' neon-city'",
      #"1:10 bad_name "project" of the production file begins or ends with a space"#),
    ProductionFileMistake(
      "name: alley_chase", "name: \"alley\\nchase\"",
      "17:11 bad_name \"name\" of scene type \"alley\nchase\" holds a control character"),
    ProductionFileMistake("name: ono", "name: ''", #"3:46 bad_name "name" of user "" is empty"#),
    ProductionFileMistake(
      "project: neon-city", "project: " + String(repeating: "n", count: 65),
      #"1:10 bad_name "project" of the production file has 65 characters; a name has at most 64"#),
    ProductionFileMistake(
      "role: reviewer", "role: revewer",
      #"3:57 unknown_word "role" of user "ono" is producer, reviewer or viewer, not "revewer" (did you mean reviewer?)"#
    ),
  ]

  private static let generators = [
    ProductionFileMistake(
      "generator: clip", "generator: clop",
      #"22:16 unknown_generator scene type "alley_chase" names the generator "clop", which is not declared (did you mean clip?)"#
    ),
    ProductionFileMistake(
      "generator: clip", "generator: portrait",
      #"22:16 wrong_generator_kind scene type "alley_chase" needs a segment generator; "portrait" is a variant generator (of that kind: "clip")"#
    ),
    ProductionFileMistake(
      "\"{source}\"", "\"from={sorce}\"",
      #"7:45 bad_placeholder the command of generator "portrait": no placeholder {sorce} (did you mean {source}?)"#),
    ProductionFileMistake(
      "\"{source}\"", "\"{segment}\"",
      #"7:40 bad_placeholder the command of generator "portrait": a variant generator has no {segment}"#),
    ProductionFileMistake(
      "\"{source}\", \"{output}\"", "\"{source}\"",
      #"7:15 bad_placeholder the command of generator "portrait": the command never mentions {output}, the path to write"#
    ),
    ProductionFileMistake(
      "[generators/portrait.sh, \"{source}\", \"{output}\"]", "[]",
      #"7:14 empty_command the command of generator "portrait" is empty"#),
    ProductionFileMistake(
      "[generators/portrait.sh, ", "[\"{source}\", ",
      #"7:15 bad_placeholder the program of a command is fixed; placeholders follow it"#),
    ProductionFileMistake(
      "{STYLE: neon}", "{\"A=B\": c, CALLSHEET_SEED: 1}",
      #"9:19 bad_name "A=B" cannot be the name of an environment variable"#,
      "9:29 bad_name CALLSHEET_SEED is set by Callsheet itself (choose another name)"),
  ]

  private static let files = [
    ProductionFileMistake(
      "source: sources/bo.png", "source: sources/boo.png",
      #"15:13 missing_file the source image of character "Bo Okafor": FOLDER/sources/boo.png does not exist (did you mean bo.png?)"#
    ),
    ProductionFileMistake(
      "source: sources/bo.png", "source: sources",
      #"15:13 not_a_file the source image of character "Bo Okafor": FOLDER/sources is a folder, not a file"#),
    ProductionFileMistake(
      "[generators/portrait.sh", "[generators/plain.txt",
      #"7:15 not_executable the command of generator "portrait": FOLDER/generators/plain.txt is not executable (chmod +x FOLDER/generators/plain.txt)"#
    ),
    ProductionFileMistake(
      "[generators/portrait.sh", "[generators/portrat.sh",
      #"7:15 missing_file the command of generator "portrait": FOLDER/generators/portrat.sh does not exist (did you mean portrait.sh?)"#
    ),
    ProductionFileMistake(
      "[generators/portrait.sh", "[portrait.sh",
      #"7:15 missing_program the command of generator "portrait": no program "portrait.sh" is on PATH (a program in the production file's folder is written ./portrait.sh)"#
    ),
  ]
}
