import Diagnostics
import Foundation
import QueryLanguage

/// What libFuzzer calls with every input: lexer, parser, checker and expansion take any bytes, what they say can be drawn, and a tree
/// survives being printed. Anything else traps, and libFuzzer keeps the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let result = Parser.parse(SourceText(name: "fuzz", bytes: bytes))
  // Drawing takes longer than all else together: one input in eight is enough for it.
  let isDrawn = count % 8 == 0
  for statement in result.statements { take(statement, isDrawn) }
  return 0
}

private func take(_ statement: Statement, _ isDrawn: Bool) {
  let isInvalid = statement.kind == .invalid
  precondition(isInvalid == statement.diagnostics.contains { $0.severity == .error })
  if !isInvalid {
    let again = Parser.parse(SourceText(name: "again", text: statement.kind.description))
    precondition(again.statements.map(\.kind) == [statement.kind], "printed: \(statement.kind)")
  }
  let (checked, diagnostics) = World.checker.check(statement)
  precondition((checked == nil) == diagnostics.contains { $0.severity == .error })
  if isDrawn { for diagnostic in diagnostics.prefix(3) { draw(diagnostic) } }
  if case .saveMacro(let macro) = checked { call(macro) }
  _ = Checker.namesNeeded(by: statement, in: .standard, macros: World.macros)
}

/// A macro that was taken can be kept and called.
private func call(_ macro: CheckedMacro) {
  let library = World.macros.adding(macro.definition)
  precondition(MacroDefinition(canonical: macro.definition.description) == macro.definition)
  precondition(library.depth(of: macro.definition.name.value) != nil)
  let arguments = macro.definition.parameters.map { "\($0.name.value)=\($0.defaultValue?.value.description ?? "3")" }
  let text = "@\(macro.definition.name.value)(\(arguments.joined(separator: ", "))) | count"
  for statement in Parser.parse(SourceText(name: "call", text: text)).statements {
    _ = World.checker(library).check(statement)
  }
}

private func draw(_ diagnostic: Diagnostic) {
  let renderer = DiagnosticRenderer(colours: true)
  precondition(!renderer.text(diagnostic).isEmpty)
  precondition(!renderer.underPrompt(diagnostic, promptWidth: 10).isEmpty)
  precondition(renderer.json(diagnostic).hasSuffix("}\n"))
  if let source = diagnostic.source, let span = diagnostic.span { precondition(span.upper <= source.bytes.count) }
}

private enum World {
  static let macros = MacroLibrary(texts: [
    "save @stuck($state: status = failed) \"what waits\" = cells where status=$state and older than 2h",
    "save @late($age = 2h, $who) = @stuck(blocked) | where older than $age and character=$who | sort id",
    "save @fix($n = 5) = cells where in @stuck | take $n | submit",
    "save @view = matrix characters x scene_types",
  ])

  static let checker = checker(macros)

  static func checker(_ macros: MacroLibrary) -> Checker {
    Checker(
      catalogue: .standard,
      names: LiveNames([
        .project: [.init(id: 1, name: "neon-city")], .run: [.init(id: 1, name: "spring")],
        .character: [.init(id: 1, name: "Aria Vale"), .init(id: 2, name: "Sam Ito"), .init(id: 3, name: "Sam Reyes")],
        .variantType: [.init(id: 1, name: "coat")],
      ]),
      macros: macros, variables: ["x": Literal(.integer(3), "3"), "who": Literal(.text, "Aria")],
      now: Date(timeIntervalSince1970: 1_795_345_200), timeZone: .gmt)
  }
}
