import Foundation
import QueryLanguage
import Rendering
import Session
import Terminal

/// What Tab offers: the language's suggestions, and files where it expects a path. It looks at nothing but memory and one
/// folder.
public struct PromptCompletion: Sendable {
  private let values: LiveBox
  private let catalogue: Catalogue

  /// The most files of a folder that are looked at.
  private static let mostFiles = 500

  public init(values: LiveBox, catalogue: Catalogue) {
    self.values = values
    self.catalogue = catalogue
  }

  /// What there is before anything was read from a database.
  public static var initialValues: LiveValues {
    var values = LiveValues()
    values.settings = SettingName.allCases.map { name in
      let words: [String] =
        switch name.value {
        case .oneOf(let words), .number(let words): words
        case .text: []
        }
      return LiveValues.Setting(name: name.rawValue, summary: name.summary, values: words)
    }
    return values
  }

  public func callAsFunction(_ text: String, cursor: Int) -> Completion {
    let suggestions = Completer(catalogue: catalogue, live: values.current).suggestions(
      for: String(text.prefix(cursor)))
    if let path = suggestions.path { return Completion(replacing: suggestions.replacing, candidates: files(path)) }
    let candidates = suggestions.items.map { item in
      Completion.Candidate(
        item.text, label: item.label, note: item.count.map { "(\(Wording.grouped($0)))" } ?? "", summary: item.summary,
        suffix: item.suffix)
    }
    return Completion(replacing: suggestions.replacing, candidates: candidates)
  }

  private func files(_ typed: String) -> [Completion.Candidate] {
    let folder = typed.lastIndex(of: "/").map { String(typed[...$0]) } ?? ""
    let expanded = folder.hasPrefix("~/") ? NSHomeDirectory() + folder.dropFirst() : folder
    let names = (try? FileManager.default.contentsOfDirectory(atPath: expanded.isEmpty ? "." : expanded)) ?? []
    let wanted = typed.dropFirst(folder.count)
    return names.filter { $0.hasPrefix(wanted) && (wanted.hasPrefix(".") || !$0.hasPrefix(".")) }.sorted()
      .prefix(Self.mostFiles).map { name in
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(
          atPath: (expanded.isEmpty ? "." : expanded) + "/" + name, isDirectory: &isFolder)
        let text = "\"" + folder + name + (isFolder.boolValue ? "/" : "")
        return Completion.Candidate(
          text + (isFolder.boolValue ? "" : "\""), label: name + (isFolder.boolValue ? "/" : ""),
          suffix: isFolder.boolValue ? "" : " ")
      }
  }
}
