import Testing

@testable import Terminal

@Suite struct EscapeKeysTests {
  @Test(arguments: [
    ("ab", "ab"), ("\u{1B}[Ax", "\u{9B}[Ax"), ("\u{1B}OAx", "\u{9B}OAx"), ("\u{1B}[15~x", "x"), ("\u{1B}[[Ax", "x"),
    ("\u{1B}[1;2Px", "x"), ("\u{1B}OPx", "x"), ("\u{1B}bx", "\u{1B}bx"), ("\u{1B}\u{1B}[Ax", "\u{1B}\u{9B}[Ax"),
    ("\u{1B}[99~", "\u{1B}[99~"), ("\u{1B}[\u{3}", "\u{1B}[\u{3}"), ("\u{1B}[20状", "\u{1B}[20状"),
  ])
  func `A known key comes whole, an unknown one not at all, and what is none as it is`(typed: String, given: String) {
    var keys = EscapeKeys()
    var result = String.UnicodeScalarView()
    for scalar in typed.unicodeScalars {
      let taken = keys.take(scalar.value) { ["[A", "OA"].contains($0) ? .known : $0 == "[99~" ? .users : .unknown }
      result += taken.compactMap(Unicode.Scalar.init)
    }
    #expect(String(result) == given)
    #expect(!keys.isWaiting)
  }

  @Test func `An Escape by itself is one when nothing follows it`() {
    var keys = EscapeKeys()
    #expect(keys.take(0x1B) { _ in .unknown } == [])
    #expect(keys.isWaiting)
    #expect(keys.giveUp() == [0x1B])
    #expect(keys.take(0x41) { _ in .unknown } == [0x41])
  }
}
