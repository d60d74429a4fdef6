import Foundation
import Model
import Store

/// Where generated files lie. Every attempt has paths of its own, so that no attempt can overwrite another's.
///
///     sources/<sha256>.<suffix>                    the very bytes that were checked
///     variants/<id>/g<generation>-j<job>a<attempt>.png
///     takes/<id>/segment-<n>-j<job>a<attempt>.mp4  and its last frame beside it, .png
public struct MediaFolder: Equatable, Sendable {
  public let root: String

  public init(root: String) { self.root = root }

  /// `CALLSHEET_MEDIA`, else `callsheet/media` below the XDG data folder.
  public static func resolve(environment: [String: String]) -> MediaFolder {
    if let folder = environment["CALLSHEET_MEDIA"], !folder.isEmpty { return MediaFolder(root: folder) }
    let home = environment["HOME"] ?? NSHomeDirectory()
    let data = environment["XDG_DATA_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "\(home)/.local/share"
    return MediaFolder(root: "\(data)/callsheet/media")
  }

  func variant(_ job: ClaimedJob) -> AttemptOutput {
    output(job.attemptID, of: .variant(VariantID(job.subjectID), generation: job.generation))
  }

  func segment(_ job: ClaimedJob, take: TakeID, number: Int) -> AttemptOutput {
    output(job.attemptID, of: .segment(take, number: number))
  }

  func output(_ attempt: AttemptID, of subject: EndedAttempt.Subject) -> AttemptOutput {
    let (folder, stem, suffix) =
      switch subject {
      case .variant(let id, let generation): ("variants/\(id)", "g\(generation)", "png")
      case .segment(let take, let number): ("takes/\(take)", "segment-\(number)", "mp4")
      }
    func name(_ number: Int) -> String { "\(stem)-j\(attempt.job)a\(number)" }
    return AttemptOutput(
      folder: "\(root)/\(folder)", name: name(attempt.attempt), suffix: suffix,
      earlier: (1..<max(1, attempt.attempt)).map(name))
  }

  /// Copies source images to where nothing changes them any more, named by their hash. What is there already stays.
  /// - Parameter told: hears how many of how many pictures are done, and what is done with them.
  /// - Returns: in the order of `characters`.
  /// - Throws: `MediaFolderError` that names the picture.
  public func store(
    _ characters: [ProductionFile.Character], told: @escaping @Sendable (Int, Int, String) -> Void = { _, _, _ in }
  ) async throws -> [StoredSource] {
    let count = characters.count
    let sums = try await Checksum.sha256(of: characters.map(\.sourcePath)) { told($0, count, "reading pictures") }
    return try await onWaitingThread {
      try makeFolder("\(root)/sources")
      return try zip(characters, sums).enumerated().map { index, pair in
        let (character, sum) = pair
        told(index, count, "copying pictures")
        let suffix = (character.sourcePath as NSString).pathExtension.lowercased()
        let target = "\(root)/sources/\(sum)" + (suffix.isEmpty ? "" : ".\(suffix)")
        if !FileManager.default.fileExists(atPath: target) { try copy(character.sourcePath, to: target) }
        return StoredSource(
          character: character.name, path: character.sourcePath, storedPath: target, sha256: sum,
          bytes: fileSize(target))
      }
    }
  }

  private func copy(_ source: String, to target: String) throws {
    let partial = "\(target).partial-\(getpid())"
    try? FileManager.default.removeItem(atPath: partial)
    try FileManager.default.copyItem(atPath: source, toPath: partial)
    try syncToDisk(partial)
    guard rename(partial, target) == 0 else { throw FileError("write", target) }
  }
}
