import ArgumentParser
import Foundation
import Orchestrator
import PostgresClient
import Store
import Terminal

/// One thing that was looked at.
private struct Examination {
  var subject: String
  var finding: String
  /// What mends it; nil: nothing is wrong.
  var remedy: String?
}

struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Say what is missing or wrong, and the command that mends it.")

  @OptionGroup var database: DatabaseOptions

  func run() async throws {
    let environment = ProcessInfo.processInfo.environment
    var examinations = [
      program("ffmpeg", "apt-get install ffmpeg", environment),
      program("ffprobe", "apt-get install ffmpeg", environment),
      program("sha256sum", "apt-get install coreutils", environment),
    ]
    examinations.append(mediaFolder(environment))
    examinations += await databaseExaminations(environment)
    var text = ""
    for examination in examinations {
      text += "\(examination.remedy == nil ? "ok " : "!! ") \(examination.subject): \(examination.finding)\n"
      if let remedy = examination.remedy { text += "     \(remedy)\n" }
    }
    try OutputSink(1).write(text)
    if examinations.contains(where: { $0.remedy != nil }) { throw ExitCode(1) }
  }

  private func program(_ name: String, _ remedy: String, _ environment: [String: String]) -> Examination {
    let folders = (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    let found = folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    return Examination(subject: name, finding: found ?? "not found on PATH", remedy: found == nil ? remedy : nil)
  }

  private func mediaFolder(_ environment: [String: String]) -> Examination {
    let root = MediaFolder.resolve(environment: environment).root
    do {
      try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
      guard FileManager.default.isWritableFile(atPath: root) else {
        return Examination(
          subject: "media folder", finding: "\(root) is not writable",
          remedy: "chown or chmod it, or set CALLSHEET_MEDIA")
      }
    } catch {
      return Examination(
        subject: "media folder", finding: "\(root) cannot be made: \(error.localizedDescription)",
        remedy: "set CALLSHEET_MEDIA to a folder that is writable")
    }
    return Examination(subject: "media folder", finding: root, remedy: nil)
  }

  private func databaseExaminations(_ environment: [String: String]) async -> [Examination] {
    do {
      let target = try await database.location.target(environment: environment)
      let connection = try await PostgresConnection.connect(to: target, applicationName: "callsheet doctor")
      let version = await connection.serverVersion
      var all = [
        Examination(
          subject: "database", finding: "reachable, PostgreSQL \(version / 10000).\(version % 10000)",
          remedy: version < 150_000 ? "PostgreSQL 15 or newer is needed" : nil)
      ]
      let pending = try await Migrator().pending(connection)
      all.append(
        Examination(
          subject: "schema", finding: pending.isEmpty ? "current" : "\(pending.count) migrations to apply",
          remedy: pending.isEmpty ? nil : "callsheet db migrate"))
      if pending.isEmpty {
        let slots = try await Queue(connection).liveSlots()
        all.append(
          Examination(
            subject: "workers", finding: slots == 0 ? "none is running" : "\(slots) slots live",
            remedy: slots == 0 ? "callsheet worker --slots 2" : nil))
      }
      await connection.close()
      return all
    } catch let error as ClusterError {
      return [Examination(subject: "database", finding: error.message, remedy: error.hint ?? "callsheet db status")]
    } catch let error as MigrationError {
      return [Examination(subject: "schema", finding: error.message, remedy: error.hint)]
    } catch {
      return [Examination(subject: "database", finding: "\(error)", remedy: "callsheet db status")]
    }
  }
}
