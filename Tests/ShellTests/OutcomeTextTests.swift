import Testing

@testable import Shell

@Suite struct OutcomeTextTests {
  @Test func `what is told of a long change is where it differs`() {
    let start = String(repeating: "ffmpeg -v error ", count: 5)
    let (was, became) = (start + "-s 160x90 {output}", start + "-vf zoompan {output}")
    #expect(OutcomeText.brief(was, beside: became) == "...or ffmpeg -v error -s 160x90 {output}")
    #expect(OutcomeText.brief(became, beside: was) == "...or ffmpeg -v error -vf zoompan {output}")
    let page = String(repeating: "x", count: 90)
    #expect(OutcomeText.brief(page, beside: "y") == String(repeating: "x", count: 57) + "...")
    #expect(OutcomeText.brief("30s", beside: "31s") == "30s")
    #expect(OutcomeText.brief("", beside: page) == "nothing")
  }
}
