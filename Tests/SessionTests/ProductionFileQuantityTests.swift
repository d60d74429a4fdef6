import Testing

@testable import Session

@Suite struct ProductionFileQuantityTests {
  @Test(arguments: [
    ("90s", 90.0), ("2m", 120), ("1h30m", 5_400), ("500ms", 0.5), ("90", 90), ("1.5", 1.5), ("1.5h", 5_400),
    ("1d2h3m4s5ms", 93_784.005),
  ])
  func `durations are seconds`(text: String, seconds: Double) {
    #expect(Quantity.seconds(text) == seconds)
  }

  @Test(arguments: ["", "s", "1x", "30m1h", "1m1m", "1 m", "1:30", "h1", "1e3", "inf", "nan", "0x10", "٣s", "1.2.3s"])
  func `other texts are no duration`(text: String) {
    #expect(Quantity.seconds(text) == nil)
  }

  @Test(arguments: [
    ("1MB", 1_000_000 as Int64), ("1.5 GB", 1_500_000_000), ("500KB", 500_000), ("64MiB", 67_108_864), ("12", 12),
    ("7B", 7), ("1tb", 1_000_000_000_000),
  ])
  func `sizes are bytes`(text: String, bytes: Int64) {
    #expect(Quantity.bytes(text) == bytes)
  }

  @Test(arguments: ["", "MB", "1MBit", "-1MB", "1XB", "99999999999TB"])
  func `other texts are no size`(text: String) {
    #expect(Quantity.bytes(text) == nil)
  }

  @Test(arguments: ["", "320", "320x", "x180", "320x180x2", "320*180", "３20x180"])
  func `other texts are no resolution`(text: String) {
    #expect(Quantity.resolution(text) == nil)
  }
}
