/// SQL is written where it is compiled or stored, so that a change of the schema has one place to look.
struct SQLRule {
  private let patterns: [Regex<Substring>] = [
    // Shapes that no sentence of ours has, in any case.
    /(?i)\binsert\s+into\s/,
    /(?i)\bdelete\s+from\s/,
    /(?i)\bupdate\s+[\w."…]+\s+set\s/,
    /(?i)\b(?:create|alter|drop)\s+(?:or\s+replace\s+)?(?:unique\s+)?(?:table|index|view|type|function|trigger|schema|role|database)\s/,
    /(?i)\btruncate\s+(?:table\s+)?[\w"…]+/,
    /(?i)\bwith\s+(?:recursive\s+)?\w+\s+as\s+(?:not\s+)?(?:materialized\s+)?\(/,
    /(?i)\bon\s+conflict\b/,
    /(?i)\bfor\s+update\b/,
    /(?i)\b(?:left|right|inner|cross)\s+join\s/,
    /(?i)\bselect\s[^|;]*\sfrom\s+[\w"…]/,
    /(?i)\bselect\s+[\w.]+\(/,
    // Words that are shouted only in SQL.
    /\b(?:SELECT|UPDATE|ORDER BY|GROUP BY|VALUES|RETURNING|JOIN)\b/,
  ]

  /// What the client itself says to the server, and says about it: transactions, subscriptions, the head of a copy.
  private let sessionControl: [Regex<Substring>] = [
    /(?i)\bcopy\s+[\w."…]+\s*(?:\([^)]*\)\s*)?(?:from|to)\s+std/,
    /\b(?:LISTEN|UNLISTEN|NOTIFY|ROLLBACK|COMMIT|SAVEPOINT)\b/,
  ]

  func check(_ file: SwiftFile) -> [Violation] {
    if file.isTest || ["Store", "QueryCompiler"].contains(file.target) { return [] }
    return file.literals.compactMap { literal in
      let forbidden = file.target == "PostgresClient" ? patterns : patterns + sessionControl
      guard let found = first(of: forbidden, in: literal.text) else { return nil }
      return Violation(file.path, line: literal.line, "SQL in a literal (\(found)): Store and QueryCompiler own it")
    }
  }

  /// The first piece of the text that only SQL would say; the query language's own `select cells where` is not one.
  private func first(of patterns: [Regex<Substring>], in text: String) -> String? {
    // The shortest statement that could matter has six letters.
    guard text.utf8.count >= 6 else { return nil }
    for pattern in patterns {
      if let match = text.firstMatch(of: pattern) { return String(match.0.prefix(30).replacing("\n", with: " ")) }
    }
    return nil
  }
}
