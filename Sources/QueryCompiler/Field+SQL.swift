import QueryLanguage
import SQLText

extension Field {
  static let count = Field("count", .int, "how many rows")

  /// The column a person sees: of a reference, the name.
  var column: SQL { "q.\(identifier: name)" }

  /// Of a reference only.
  var idColumn: SQL { "q.\(identifier: name + "_id")" }

  /// All columns that carry the field through a nested select.
  var columns: [SQL] {
    if case .reference = type { [column, idColumn] } else { [column] }
  }

  /// The column as it leaves the database: words as text.
  var output: SQL {
    if case .word(let vocabulary) = type, vocabulary.databaseType != nil {
      "\(column)::text as \(identifier: name)"
    } else {
      column
    }
  }
}

extension FieldType {
  var outputKind: OutputKind {
    switch self {
    case .bool: .bool
    case .int: .int
    case .double: .double
    case .text, .reference: .text
    case .word(let vocabulary): vocabulary.isStatus ? .status : .text
    case .time: .time
    case .duration: .duration
    case .list: .list
    }
  }
}

extension Scalar {
  var sql: SQL {
    switch self {
    case .int(let value): "\(value)"
    case .double(let value): "\(value)"
    case .text(let value): "\(value)"
    case .bool(let value): "\(value)"
    case .time(let value): "\(value)"
    }
  }
}
