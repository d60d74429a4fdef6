import Diagnostics
import Foundation
import QueryLanguage
import Store

/// What the session has read of the names and macros of the project in use, and how long it believes it. A name that is
/// not found is looked up once more before anybody is told so.
struct Knowledge {
  /// Seconds for which what was read is taken for current.
  static let lifetime: TimeInterval = 1

  private struct Reading {
    var entries: [LiveNames.Entry]
    var at: Date
  }

  private var readings: [ReferenceKind: Reading] = [:]
  private(set) var library = MacroLibrary()
  /// The newest version of every macro, dropped ones among them.
  private(set) var macros: [SavedMacro] = []
  private(set) var libraryVersion: Int?
  private var libraryReadAt: Date?

  var names: LiveNames { LiveNames(readings.mapValues(\.entries)) }

  func knows(_ kind: ReferenceKind, at now: Date) -> Bool { readings[kind].map { isCurrent($0.at, now) } ?? false }

  func knowsLibrary(at now: Date) -> Bool { libraryReadAt.map { isCurrent($0, now) } ?? false }

  private func isCurrent(_ date: Date, _ now: Date) -> Bool {
    (0..<Self.lifetime).contains(now.timeIntervalSince(date))
  }

  mutating func learn(_ kind: ReferenceKind, _ entries: [LiveNames.Entry], at now: Date) {
    readings[kind] = Reading(entries: entries, at: now)
  }

  mutating func learn(_ macros: [SavedMacro], version: Int, at now: Date) {
    self.macros = macros
    library = MacroLibrary(texts: macros.compactMap(\.definition))
    libraryVersion = version
    libraryReadAt = now
  }

  /// Nobody has changed it.
  mutating func confirmLibrary(at now: Date) { libraryReadAt = now }

  /// Everything is looked up again; the library's text is read again only when it has changed.
  mutating func doubt() {
    readings = [:]
    libraryReadAt = nil
  }

  /// Another project is in use.
  mutating func forget() { self = Knowledge() }

  /// Says of a macro that is missed who dropped it, and how to have it back.
  func explained(_ diagnostic: Diagnostic, now: Date) -> Diagnostic {
    guard diagnostic.code == DiagnosticCode.unknownMacro.rawValue,
      let macro = macros.first(where: {
        $0.definition == nil && diagnostic.message.hasSuffix("there is no macro @\($0.name)")
      })
    else { return diagnostic }
    var explained = diagnostic
    let by = macro.by.map { " by \($0)" } ?? ""
    explained.message += ": it was dropped\(by)"
    explained.hints = ["save it again; its versions are kept:  help @\(macro.name)"]
    return explained
  }
}
