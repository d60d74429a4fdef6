import CLibPQ
import Glibc

/// Makes a connection without blocking longer than its time limit (resolving a host name excepted, which has its own).
struct Opening {
  let target: ConnectionTarget
  let applicationName: String
  let interruptions: EventDescriptor

  /// Keepalives find a peer that has gone without a word within about half a minute.
  private var settings: [(key: String, value: String)] {
    [
      ("dbname", target.conninfo), ("application_name", applicationName), ("client_encoding", "UTF8"),
      ("keepalives", "1"), ("keepalives_idle", "15"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
      ("tcp_user_timeout", "30000"),
    ]
  }

  func run(_ exchange: Exchange) throws(PostgresError) -> Link {
    _ = try target.parsed()
    guard let connection = start() else { throw PostgresError(.connectionFailed, "out of memory for the connection") }
    do throws(PostgresError) {
      if PQstatus(connection) == CONNECTION_BAD { throw failure(connection) }
      // A notice is no error, and libpq's own way is to write it to standard error.
      PQsetNoticeReceiver(connection, { _, _ in }, nil)
      try poll(connection, exchange)
    } catch {
      PQfinish(connection)
      throw error
    }
    let link = try Link(connected: connection, interruptions: interruptions)
    try settle(link, exchange)
    return link
  }

  private func start() -> OpaquePointer? {
    let keys = settings.map { strdup($0.key) }
    let values = settings.map { strdup($0.value) }
    defer { for pointer in keys + values { free(pointer) } }
    let keywords = (keys.map { UnsafePointer($0) } + [nil])
    return PQconnectStartParams(keywords, values.map { UnsafePointer($0) } + [nil], 1)
  }

  private func poll(_ connection: OpaquePointer, _ exchange: Exchange) throws(PostgresError) {
    var events = Int16(POLLOUT)
    while true {
      let now = ContinuousClock.now
      guard case .wait(let until) = exchange.step(now: now) else {
        throw exchange.stop == .cancelled
          ? PostgresError(.cancelled, "connecting was cancelled")
          : PostgresError(.timedOut, "the database did not answer within the time limit: \(target)")
      }
      var descriptors = [
        pollfd(fd: PQsocket(connection), events: events, revents: 0),
        pollfd(fd: interruptions.descriptor, events: Int16(POLLIN), revents: 0),
      ]
      _ = Glibc.poll(&descriptors, 2, until.map { Link.milliseconds($0 - now) } ?? -1)
      if descriptors[1].revents != 0 { interruptions.drain() }
      if descriptors[0].revents == 0 { continue }
      switch PQconnectPoll(connection) {
      case PGRES_POLLING_OK: return
      case PGRES_POLLING_READING: events = Int16(POLLIN)
      case PGRES_POLLING_WRITING: events = Int16(POLLOUT)
      default: throw failure(connection)
      }
    }
  }

  /// What the decoders rely on. The embedded cluster is already set so, and then this costs no round trip.
  private func settle(_ link: Link, _ exchange: Exchange) throws(PostgresError) {
    let wanted = [
      ("TimeZone", "UTC", "UTC"), ("DateStyle", "ISO", "ISO"), ("IntervalStyle", "postgres", "postgres"),
      ("standard_conforming_strings", "on", "on"),
    ]
    let missing = wanted.filter { name, _, prefix in
      guard let value = PQparameterStatus(link.connection, name) else { return true }
      return !String(cString: value).hasPrefix(prefix)
    }
    if missing.isEmpty { return }
    try link.simple(missing.map { "set \($0.0) to '\($0.1)'" }.joined(separator: "; "), exchange)
  }

  private func failure(_ connection: OpaquePointer) -> PostgresError {
    let text = target.redacted(String(cString: PQerrorMessage(connection)).trimmed)
    return PostgresError(.connectionFailed, "cannot connect to the database: \(text)")
  }
}
