/// The codes of the language's diagnostics: stable words that scripts may test for.
public enum DiagnosticCode: String, CaseIterable, Sendable {
  // The parser's.
  case syntax
  case unknownStatement = "unknown_statement"
  case unknownStage = "unknown_stage"
  case invalidUTF8 = "invalid_utf8"
  case tooLong = "too_long"
  case tooDeep = "too_deep"
  case tooMany = "too_many"
  case mixedAndOr = "mixed_and_or"
  // The checker's.
  case unknownEntity = "unknown_entity"
  case unknownField = "unknown_field"
  case unknownValue = "unknown_value"
  case unknownName = "unknown_name"
  case ambiguousName = "ambiguous_name"
  case unknownVariable = "unknown_variable"
  case unknownMacro = "unknown_macro"
  case unknownParameter = "unknown_parameter"
  case missingParameter = "missing_parameter"
  case unusedParameter = "unused_parameter"
  case macroCycle = "macro_cycle"
  case unknownSetting = "unknown_setting"
  case badSetting = "bad_setting"
  case badPattern = "bad_pattern"
  case unknownOption = "unknown_option"
  case wrongType = "wrong_type"
  case percentInGlob = "percent_in_glob"
  case misplacedStage = "misplaced_stage"
  case misplacedAction = "misplaced_action"
  case unknownTopic = "unknown_topic"
}
