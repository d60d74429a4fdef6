import Foundation
import PostgresClient
import Synchronization
import Testing

/// Stands between callsheet and the server and cuts a connection at a chosen statement: before the server hears of it, or
/// when the server has done it and before callsheet hears of that.
final class CuttingProxy: Sendable {
  enum Moment: String, CaseIterable { case before, after }

  /// Statements by a piece of their text: the last is the one to cut at, those before it have to have come first on the
  /// same connection.
  struct Point: Sendable {
    var pieces: [String]
    /// An answer without a row in which nothing is null passes, and the next is waited for.
    var hasRows = false
    var moment: Moment
  }

  private struct State {
    var armed: Point?
    var connections: [Int: Wire] = [:]
    var count = 0
    var cuts = 0
    var refuses = false
    var refused = 0
  }

  private let state = Mutex(State())
  private let listener: Int32
  private let server: String

  /// - Parameters:
  ///   - folder: where the socket is made that callsheet is told of.
  ///   - server: the path of the server's own socket.
  init(folder: String, server: String) throws {
    self.server = server
    listener = try Self.socket(folder + "/.s.PGSQL.5432") { bind($0, $1, $2) }
    guard listen(listener, 64) == 0 else { throw CocoaError(.fileNoSuchFile) }
    Thread.detachNewThread { [self] in accept() }
  }

  /// Accepts no more and cuts what there is.
  func close() {
    shutdown(listener, Int32(SHUT_RDWR))
    Glibc.close(listener)
    cutAll()
  }

  /// Whoever comes is sent away, and how many were.
  var refuses: Bool {
    get { state.withLock { $0.refuses } }
    set { state.withLock { $0.refuses = newValue } }
  }
  var refused: Int { state.withLock { $0.refused } }

  var cuts: Int { state.withLock { $0.cuts } }

  /// Once; then it is disarmed.
  func arm(_ point: Point) {
    state.withLock { state in
      state.armed = point
      for wire in state.connections.values { wire.forget() }
    }
  }

  var isArmed: Bool { state.withLock { $0.armed != nil } }

  func cutAll() {
    state.withLock { state in
      for wire in state.connections.values { wire.cut() }
      state.cuts += 1
    }
  }

  // MARK: Connections

  private static func socket(
    _ path: String, _ call: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws -> Int32 {
    let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let fits = withUnsafeMutableBytes(of: &address.sun_path) { place -> Bool in
      guard path.utf8.count < place.count else { return false }
      place.copyBytes(from: path.utf8)
      return true
    }
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        call(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard fits, status == 0 else {
      Glibc.close(descriptor)
      throw CocoaError(.fileNoSuchFile, userInfo: [NSFilePathErrorKey: path])
    }
    return descriptor
  }

  private func accept() {
    while true {
      let client = Glibc.accept(listener, nil, nil)
      if client < 0 { return }
      let isRefused = state.withLock { state in
        if state.refuses { state.refused += 1 }
        return state.refuses
      }
      if isRefused {
        Glibc.close(client)
        continue
      }
      guard let server = try? Self.socket(server, { connect($0, $1, $2) }) else {
        Glibc.close(client)
        continue
      }
      let wire = Wire(client: client, server: server)
      let number = state.withLock { state in
        state.count += 1
        state.connections[state.count] = wire
        return state.count
      }
      Thread.detachNewThread { [self] in wire.pumpAnswers { cutLess($0) } }
      Thread.detachNewThread { [self] in
        wire.pumpStatements { meets($0) }
        state.withLock { $0.connections[number] = nil }
      }
    }
  }

  /// It was not what the point is about after all.
  private func cutLess(_ point: Point) {
    state.withLock { state in
      state.armed = point
      state.cuts -= 1
    }
  }

  /// Whether to cut here, and how.
  private func meets(_ seen: [String]) -> Point? {
    state.withLock { state in
      guard let point = state.armed, let last = point.pieces.last, seen.last?.contains(last) == true,
        point.pieces.allSatisfy({ piece in seen.contains { $0.contains(piece) } })
      else { return nil }
      state.armed = nil
      state.cuts += 1
      return point
    }
  }
}

/// One connection through the proxy: a client, the server, and a thread for each direction.
final class Wire: Sendable {
  private struct State {
    var seen: [String] = []
    /// The answer to the statement that was just passed on is kept from the client.
    var withheld: CuttingProxy.Point?
    var openEnds = 2
  }

  private let client: Int32
  private let server: Int32
  private let state = Mutex(State())

  init(client: Int32, server: Int32) {
    self.client = client
    self.server = server
  }

  func forget() { state.withLock { $0.seen = [] } }

  /// Both sides find out at once; the descriptors are given back by the last of the two threads.
  func cut() {
    state.withLock { state in
      guard state.openEnds > 0 else { return }
      shutdown(client, Int32(SHUT_RDWR))
      shutdown(server, Int32(SHUT_RDWR))
    }
  }

  private func ended() {
    cut()
    state.withLock { state in
      state.openEnds -= 1
      guard state.openEnds == 0 else { return }
      close(client)
      close(server)
    }
  }

  /// Messages of the client, each held against what is to be cut.
  func pumpStatements(_ meets: ([String]) -> CuttingProxy.Point?) {
    defer { ended() }
    var prepared: [String: String] = [:]
    guard let greeting = Self.message(from: client, hasType: false), Self.send(greeting, to: server) else { return }
    while let message = Self.message(from: client, hasType: true) {
      if let text = Self.statement(message, &prepared) {
        let seen = state.withLock { state in
          state.seen.append(text)
          return state.seen
        }
        if let point = meets(seen) {
          if point.moment == .before { return }
          state.withLock { $0.withheld = point }
        }
      }
      guard Self.send(message, to: server) else { return }
    }
  }

  func pumpAnswers(_ pass: (CuttingProxy.Point) -> Void) {
    defer { ended() }
    var kept: [[UInt8]] = []
    while let message = Self.message(from: server, hasType: true) {
      kept.append(message)
      if let point = state.withLock({ $0.withheld }) {
        if message.first != UInt8(ascii: "Z") { continue }
        if !point.hasRows || kept.contains(where: Self.isWholeRow) { return }
        state.withLock { $0.withheld = nil }
        pass(point)
      }
      guard kept.allSatisfy({ Self.send($0, to: client) }) else { return }
      kept = []
    }
  }

  /// A row in which nothing is null: a claim that finds no job answers with one that is empty.
  /// `D`, the length, the number of columns (16 bits), and of each its length (32 bits, -1 for null) and bytes; see
  /// "Message Formats" in PostgreSQL's manual.
  private static func isWholeRow(_ message: [UInt8]) -> Bool {
    guard message.first == UInt8(ascii: "D"), message.count >= 7 else { return false }
    var place = 7
    for _ in 0..<(Int(message[5]) << 8 | Int(message[6])) {
      guard place + 4 <= message.count else { return false }
      let length = message[place..<place + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      if length == .max { return false }
      place += 4 + Int(length)
    }
    return true
  }

  /// The text that is run by this message; nil: it runs none.
  private static func statement(_ message: [UInt8], _ prepared: inout [String: String]) -> String? {
    let words = message.dropFirst(5).split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
    let texts = words.prefix(2).map { String(decoding: $0, as: UTF8.self) }
    switch message[0] {
    case UInt8(ascii: "Q"): return texts.first
    case UInt8(ascii: "P"):
      if texts.count == 2 { prepared[texts[0]] = texts[1] }
      return nil
    case UInt8(ascii: "B"): return texts.count == 2 ? prepared[texts[1]] : nil
    default: return nil
    }
  }

  // MARK: Bytes

  private static func message(from descriptor: Int32, hasType: Bool) -> [UInt8]? {
    let head = hasType ? 5 : 4
    guard var message = bytes(head, from: descriptor) else { return nil }
    let length = message.suffix(4).reduce(0) { $0 << 8 | Int($1) }
    guard length >= 4, length < 1 << 28, let rest = bytes(length - 4, from: descriptor) else { return nil }
    message += rest
    return message
  }

  private static func bytes(_ count: Int, from descriptor: Int32) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: count)
    var have = 0
    while have < count {
      let got = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress?.advanced(by: have), count - have, 0) }
      if got <= 0 { return nil }
      have += got
    }
    return buffer
  }

  private static func send(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let put = bytes.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      if put <= 0 { return false }
      sent += put
    }
    return true
  }
}

extension Inspection {
  /// From now on callsheet reaches the server through a proxy.
  func proxied() throws -> CuttingProxy {
    let conninfo = target.secretConninfo
    let host = try #require(conninfo.firstMatch(of: /host='([^']*)'/)?.output.1)
    try FileManager.default.createDirectory(atPath: home("proxy"), withIntermediateDirectories: true)
    let proxy = try CuttingProxy(folder: home("proxy"), server: "\(host)/.s.PGSQL.5432")
    home.environment["CALLSHEET_DATABASE_URL"] = conninfo.replacing("host='\(host)'", with: "host='\(home("proxy"))'")
    return proxy
  }

  func useServerItself() { home.environment["CALLSHEET_DATABASE_URL"] = target.secretConninfo }
}
