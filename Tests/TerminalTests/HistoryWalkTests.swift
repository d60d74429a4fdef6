import Testing

@testable import Terminal

@Suite struct HistoryWalkTests {
  private func walk() -> HistoryWalk {
    var walk = HistoryWalk()
    walk.load(["cells", "runs", "runs", "cells | count"], limit: 10)
    return walk
  }

  @Test func `What is changed on the way is there again, and so is the line one came from`() {
    var walk = walk()
    #expect(walk.older(leaving: "mine") == "cells | count")
    #expect(walk.older(leaving: "cells | count | x") == "runs")
    #expect(walk.older(leaving: "runs") == "cells")
    #expect(walk.older(leaving: "cells") == nil)
    #expect(walk.newer(leaving: "cells") == "runs")
    #expect(walk.newer(leaving: "runs") == "cells | count | x")
    #expect(walk.newer(leaving: "cells | count | x") == "mine")
    #expect(walk.isAtOwnLine)
    #expect(walk.newer(leaving: "mine!") == nil)
    walk.begin()
    #expect(walk.older(leaving: "") == "cells | count")
  }

  @Test func `A beginning finds what begins so, and the typed line behind it`() {
    var walk = walk()
    #expect(walk.older(leaving: "cell", prefix: "cell") == "cells | count")
    #expect(walk.older(leaving: "cells | count", prefix: "cell") == "cells")
    #expect(walk.newer(leaving: "cells", prefix: "cell") == "cells | count")
    #expect(walk.newer(leaving: "cells | count", prefix: "cell") == "cell")
  }

  @Test func `A search takes the walk along, and a reload finds the place again`() {
    var walk = walk()
    walk.jump(to: "runs", leaving: "mine")
    #expect(walk.older(leaving: "runs") == "cells")
    walk.load(["cells", "runs", "cells | count", "new"], limit: 3)
    #expect(walk.newer(leaving: "cells") == "cells | count")
    walk.load(["runs", "cells | count", "new", "newer"], limit: 10)
    #expect(walk.newer(leaving: "cells | count") == "new")
    #expect(walk.newer(leaving: "new") == "newer")
    #expect(walk.newer(leaving: "newer") == "mine")
  }
}
