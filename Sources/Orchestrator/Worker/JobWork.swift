import Foundation
import Model
import Store

/// Does the work of one claimed job. Touches the database only to read what the job is about.
struct JobWork: Sendable {
  let job: ClaimedJob
  let link: DatabaseLink
  let media: MediaFolder
  /// Told shares from 0 to 1, on any thread.
  let onProgress: @Sendable (Double) -> Void

  /// Never throws: every attempt has a report. Cancelling the task ends the work and its processes.
  func run() async -> JobReport {
    do {
      let report = try await report()
      return Task.isCancelled ? report.asCancelled : report
    } catch {
      if Task.isCancelled { return JobReport(end: .cancelled) }
      return JobReport(end: .failed("\(error)", isFinal: false))
    }
  }

  private func report() async throws -> JobReport {
    switch job.kind {
    case .sourceQA: return try await checkSource()
    case .variant: return try await generateVariant()
    case .segment: return try await generateSegment()
    case .sceneQA: return try await checkTake()
    case .delivery: return try await DeliveryWork(job: job, link: link).run()
    case .noop: return JobReport(end: .nothingToDo)
    }
  }

  private func checkSource() async throws -> JobReport {
    guard let order = try await link.retrying({ try await WorkOrders($0).sourceCheck(job) }) else {
      return JobReport(end: .superseded)
    }
    let report = try await PictureCheck(rules: PictureRules(order.rules)).run(order.path)
    let finding = QAFinding(
      passed: report.passed, reason: report.passed ? nil : report.reason, report: try json(report),
      width: report.width, height: report.height)
    return JobReport(end: .sourceChecked(finding))
  }

  private func generateVariant() async throws -> JobReport {
    guard let order = try await link.retrying({ try await WorkOrders($0).variant(job) }) else {
      return JobReport(end: .superseded)
    }
    let output = media.variant(job)
    let values = GeneratorValues.variant(
      source: order.sourcePath, output: output.partial, character: order.character, variantType: order.variantType,
      width: order.width, height: order.height, take: job.generation, attempt: job.attempt,
      seed: GeneratorValues.seed(
        project: "\(job.projectID?.rawValue ?? 0)", character: order.character, sceneType: "",
        variantType: order.variantType, take: job.generation, segment: 0),
      prompt: order.prompt, projectDirectory: order.generator.folder)
    var (report, artifact) = try await generate(order.generator, values, .variant, output)
    guard let artifact else { return report }
    do {
      let check = try await PictureCheck(rules: .exactly(width: order.width, height: order.height)).run(artifact.path)
      report.end =
        check.passed
        ? .variantGenerated(FileFact(artifact), sourceSHA256: order.sourceSHA256)
        : .failed("the generated picture is not as ordered: \(check.reason)", isFinal: false)
    } catch {
      report.end = .failed("the generated picture could not be checked: \(error)", isFinal: false)
    }
    return report
  }

  private func generateSegment() async throws -> JobReport {
    guard let order = try await link.retrying({ try await WorkOrders($0).segment(job) }) else {
      return JobReport(end: .superseded)
    }
    let output = media.segment(job, take: order.takeID, number: order.number)
    let values = GeneratorValues.variant(
      source: order.sourcePath, output: output.partial, character: order.character, variantType: order.variantType,
      width: order.width, height: order.height, take: order.take, attempt: job.attempt,
      seed: Int32((order.seed + Int64(order.number)) & 0x7FFF_FFFF), prompt: order.prompt,
      projectDirectory: order.generator.folder
    ).with(
      GeneratorValues.Segment(
        sceneType: order.sceneType, input: order.inputPath, variant: order.variantPath, number: order.number,
        of: order.segments, seconds: order.seconds, fps: Int(order.fps.rounded())))
    var (report, artifact) = try await generate(order.generator, values, .segment, output)
    guard let artifact else { return report }
    let frame = output.path + ".png"
    report.files.append(frame)
    do {
      try await LastFrame.extract(from: artifact.path, to: frame)
      report.end = .segmentGenerated(FileFact(artifact), lastFrame: frame)
    } catch {
      let disk = await output.diskProblem()
      report.end = .failed(disk ?? "the generator wrote no video: \(error)", isFinal: false)
    }
    return report
  }

  /// Runs the generator and publishes what it wrote; the artifact is nil when the report is final.
  private func generate(
    _ order: GeneratorOrder, _ values: GeneratorValues, _ kind: GeneratorKind, _ output: AttemptOutput
  ) async throws -> (JobReport, Artifact?) {
    do {
      try await output.prepare()
    } catch {
      return (JobReport(end: .failed("\(error)", isFinal: false)), nil)
    }
    let command = GeneratorCommand(
      template: order.command, environment: order.environment, timeLimit: .seconds(order.timeLimitSeconds))
    let outcome = await command.run(values, for: kind, onProgress: onProgress)
    var report = JobReport(end: .cancelled, log: outcome.log, gpuSeconds: outcome.seconds)
    if case .exited(let code) = outcome.end { report.exitCode = Int(code) }
    if let failure = outcome.failure {
      let disk = await output.diskProblem()
      await output.discard()
      report.end = outcome.end == .cancelled ? .cancelled : .failed(disk ?? failure, isFinal: false)
      return (report, nil)
    }
    do {
      let artifact = try await output.publish()
      report.files = [artifact.path]
      return (report, artifact)
    } catch {
      report.end = .failed("\(error)", isFinal: false)
      return (report, nil)
    }
  }

  private func checkTake() async throws -> JobReport {
    guard let order = try await link.retrying({ try await WorkOrders($0).takeCheck(job) }) else {
      return JobReport(end: .superseded)
    }
    let check = SceneCheck(
      order: SceneOrder(
        segments: order.paths.count, seconds: order.secondsPerSegment, width: order.width, height: order.height,
        fps: Int(order.fps.rounded())))
    let report = try await check.run(order.paths)
    let finding = QAFinding(
      passed: report.passed, reason: report.passed ? nil : report.reason, report: try json(report))
    return JobReport(end: .takeChecked(finding))
  }

  private func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}

extension FileFact {
  init(_ artifact: Artifact) {
    self.init(path: artifact.path, sha256: artifact.sha256, bytes: Int(artifact.bytes))
  }
}

extension PictureRules {
  /// The rules of a production file; what it does not say is as usual.
  init(_ rules: [String: Double]) {
    self.init()
    for (key, value) in rules {
      switch key {
      case "min_width": minWidth = Int(value)
      case "min_height": minHeight = Int(value)
      case "max_side": maxSide = Int(value)
      case "min_aspect": minAspect = value
      case "max_aspect": maxAspect = value
      default: break
      }
    }
  }
}
