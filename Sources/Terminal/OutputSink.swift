import Glibc
import Synchronization

/// Why nothing more can be written.
public enum OutputError: Error, Equatable, CustomStringConvertible {
  /// The reader has gone (`| head`): no failure, the program just ends quietly.
  case closed
  case failed(errno: Int32)

  public var description: String {
    switch self {
    case .closed: cause
    case .failed: "cannot write the output: \(cause)"
    }
  }

  /// The system's reason alone.
  public var cause: String {
    switch self {
    case .closed: "the reader of the output has gone"
    case .failed(let code): String(cString: strerror(code))
    }
  }
}

/// Writes everything it is given to a descriptor, in order, whatever the descriptor's mode.
public struct OutputSink: Sendable {
  public let descriptor: Int32
  /// How long a reader that takes nothing is waited for, when the descriptor does not block by itself.
  public let patience: Duration
  /// Once it is shut, what is written goes nowhere.
  public var gate: Gate?

  public init(_ descriptor: Int32 = STDOUT_FILENO, patience: Duration = .seconds(600)) {
    self.descriptor = descriptor
    self.patience = patience
  }

  /// So much is written at a time: a gate that is shut meanwhile takes effect soon.
  private static let pieceSize = 65_536

  /// - Throws: `OutputError`; after `closed` there is no one to tell.
  public func write(_ text: String) throws(OutputError) {
    gate?.pass()
    var text = text
    let failure = text.withUTF8 { writeAll(UnsafeRawBufferPointer($0)) }
    if let failure { throw failure }
  }

  /// - Throws: as `write(_:)`.
  public func write(bytes: [UInt8]) throws(OutputError) {
    let failure = bytes.withUnsafeBytes { writeAll($0) }
    if let failure { throw failure }
  }

  private func writeAll(_ bytes: UnsafeRawBufferPointer) -> OutputError? {
    var rest = bytes[...]
    while !rest.isEmpty {
      if gate?.isShut == true { return nil }
      let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(OutputSink.pieceSize))
      let count = Glibc.write(descriptor, piece.baseAddress, piece.count)
      if count >= 0 {
        rest = rest.dropFirst(count)
        continue
      }
      switch errno {
      case EINTR: continue
      case EAGAIN:
        if let failure = waitUntilWritable() { return failure }
      case EPIPE: return .closed
      default: return .failed(errno: errno)
      }
    }
    return nil
  }

  private func waitUntilWritable() -> OutputError? {
    let deadline = ContinuousClock.now + patience
    while ContinuousClock.now < deadline {
      var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      let ready = poll(&entry, 1, 1000)
      if ready > 0 { return nil }
      if ready < 0, errno != EINTR { return .failed(errno: errno) }
    }
    return .failed(errno: ETIMEDOUT)
  }
}

/// What stands before a sink and can be shut for good, from any thread: nobody wants the rest of what is written.
public final class Gate: Sendable {
  private let shutFlag = Atomic(false)
  private let beforeWriting: @Sendable () -> Void

  /// `beforeWriting` is called before each write that passes.
  public init(beforeWriting: @escaping @Sendable () -> Void = {}) { self.beforeWriting = beforeWriting }

  func pass() { if !isShut { beforeWriting() } }

  public var isShut: Bool { shutFlag.load(ordering: .relaxed) }

  public func shut() { shutFlag.store(true, ordering: .relaxed) }
}
