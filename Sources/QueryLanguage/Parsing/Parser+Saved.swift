import Diagnostics

/// What is kept for a project: macros and scripts.
extension Parser {
  mutating func save() throws(SyntaxError) -> Statement.Kind {
    if accept(word: "script") { return .saveScript(try script()) }
    let name = try macroName(orElse: "\"script\"")
    guard accept(word: "from") else { return .saveMacro(try macro(name)) }
    return .restoreMacro(name, version: try version("write  save @\(name.value) from version 1"))
  }

  /// Behind `from`.
  private mutating func version(_ hint: String) throws(SyntaxError) -> Located<Literal> {
    try expect(word: "version", hint: hint)
    return try literal("the number of a version")
  }

  private mutating func macro(_ name: Name) throws(SyntaxError) -> MacroDefinition {
    let parameters = try parameters()
    var documentation: String?
    if case .literal(let literal) = token.kind, literal.kind == .text {
      documentation = literal.text
      advance()
    }
    try expect(.comparison(.equal), "\"=\"")
    return MacroDefinition(name: name, parameters: parameters, documentation: documentation, body: try pipeline())
  }

  private mutating func script() throws(SyntaxError) -> ScriptDefinition {
    let name = try name("a name for the script")
    let parameters = try parameters()
    try expect(word: "from", hint: "write  save script \(name.value) from \"FILE\"  or  from last 20")
    let source: ScriptDefinition.Source
    if accept(word: "last") {
      source = .last(try literal("how many statements"))
    } else if word == "version" {
      source = .version(try version(""))
    } else {
      source = .file(try path(orElse: ["\"last\"", "\"version\""]))
    }
    return ScriptDefinition(name: name, parameters: parameters, source: source)
  }

  mutating func drop() throws(SyntaxError) -> Statement.Kind {
    if accept(word: "script") { return .dropScript(try name("the name of a script")) }
    return .dropMacro(try macroName(orElse: "\"script\""))
  }

  private mutating func macroName(orElse other: String) throws(SyntaxError) -> Name {
    guard case .macro(let text) = token.kind else {
      throw unexpected(["@name", other], hint: word.map { "a macro's name begins with @: @\($0)" })
    }
    defer { advance() }
    return Name(text.lowercased(), token.span)
  }

  private mutating func parameters() throws(SyntaxError) -> [MacroParameter] {
    guard token.kind == .openBracket else { return [] }
    return try bracketed { (parser) throws(SyntaxError) in try parser.parameter() }
  }

  private mutating func parameter() throws(SyntaxError) -> MacroParameter {
    let name = try variableName()
    let type = accept(.colon) ? try self.name("a type such as character") : nil
    return MacroParameter(
      name: name, type: type, defaultValue: accept(.comparison(.equal)) ? try literal() : nil)
  }

  /// `$x`, or `x` where nothing else can stand.
  mutating func variableName() throws(SyntaxError) -> Name {
    guard case .literal(let literal) = token.kind, literal.kind == .parameter else { return try name("a $name") }
    defer { advance() }
    return Name(literal.text.lowercased(), token.span)
  }
}
