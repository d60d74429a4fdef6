import Foundation

/// Where each cell's video stands in a package: `videos/Aria-Vale/alley_chase--coat.mp4`.
public struct PackageLayout: Equatable, Sendable {
  /// By the cell's index; nil for one that is skipped.
  let videos: [String?]

  /// Names that would be one file, also on a disk that does not tell capitals, are numbered in the order of the cells.
  init(_ cells: [DeliveryDescription.Cell]) {
    var folders: [String: String] = [:]
    var takenFolders: Set<String> = []
    var takenFiles: Set<String> = []
    videos = cells.map { cell in
      guard case .approved = cell.outcome else { return nil }
      let folder =
        folders[cell.character] ?? Self.unused(Self.safeName(cell.character), suffix: "", among: &takenFolders)
      folders[cell.character] = folder
      let stem = "videos/\(folder)/\(Self.safeName(cell.sceneType))--\(Self.safeName(cell.variantType))"
      return Self.unused(stem, suffix: ".mp4", among: &takenFiles)
    }
  }

  /// Where a run is delivered unless somebody says otherwise: `neon-city-spring`.
  public static func folderName(project: String, run: String) -> String { "\(safeName(project))-\(safeName(run))" }

  private static func unused(_ stem: String, suffix: String, among taken: inout Set<String>) -> String {
    var name = stem + suffix
    var number = 2
    while !taken.insert(name.lowercased()).inserted {
      name = "\(stem)-\(number)\(suffix)"
      number += 1
    }
    return name
  }

  /// Letters and digits of any script, `_`, `-` and `.` inside; all else becomes `-`. At most 80 bytes, never empty.
  static func safeName(_ name: String) -> String {
    var safe = ""
    for character in name.precomposedStringWithCanonicalMapping {
      let isPlain = character.isLetter || character.isNumber || character == "_" || character == "."
      let next: Character = isPlain ? character : "-"
      if next == "-" && safe.hasSuffix("-") { continue }
      if safe.utf8.count + next.utf8.count > 80 { break }
      safe.append(next)
    }
    let trimmed = safe.drop { $0 == "-" || $0 == "." }.reversed().drop { $0 == "-" || $0 == "." }.reversed()
    return trimmed.isEmpty ? "unnamed" : String(trimmed)
  }
}
