import Glibc
import Synchronization

/// Tells of every key that is pressed while a screen redraws itself; nothing is echoed. Ctrl-C is a key like any other.
public final class KeyWatch: Sendable {
  private let descriptor: Int32
  private let pipe: (readEnd: Int32, writeEnd: Int32)
  private let before: termios
  private let isOver = Atomic(false)

  /// nil when the descriptor is no terminal. `receive` is called on a thread of its own and must return soon.
  public init?(_ descriptor: Int32, _ receive: @escaping @Sendable (UInt8) -> Void) {
    var attributes = termios()
    guard tcgetattr(descriptor, &attributes) == 0, let pipe = openPipe() else { return nil }
    self.descriptor = descriptor
    self.pipe = pipe
    before = attributes
    attributes.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
    tcsetattr(descriptor, TCSADRAIN, &attributes)
    let started = startDetachedThread { KeyWatch.watch(descriptor, pipe.readEnd, receive) }
    if !started { stop() }
  }

  private static func watch(_ descriptor: Int32, _ wakeEnd: Int32, _ receive: @Sendable (UInt8) -> Void) {
    defer { close(wakeEnd) }
    while true {
      var entries = [
        pollfd(fd: wakeEnd, events: Int16(POLLIN), revents: 0),
        pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
      ]
      if poll(&entries, 2, -1) < 0 {
        if errno == EINTR { continue }
        return
      }
      if entries[0].revents != 0 { return }
      var byte: UInt8 = 0
      guard read(descriptor, &byte, 1) == 1 else { return }
      receive(byte)
    }
  }

  /// Gives the terminal back as it was.
  public func stop() {
    if isOver.exchange(true, ordering: .acquiringAndReleasing) { return }
    close(pipe.writeEnd)
    var attributes = before
    tcsetattr(descriptor, TCSADRAIN, &attributes)
  }

  deinit { stop() }
}
