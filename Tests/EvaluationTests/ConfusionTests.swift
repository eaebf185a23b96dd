import Testing

@testable import Evaluation

struct ConfusionTests {
    @Test func figures() {
        var confusion = Confusion(["_unknown_", "on", "off"])
        for (label, said, times) in [(0, 0, 6), (0, 1, 2), (1, 1, 3), (1, 0, 1), (2, 2, 1), (2, 1, 1)] {
            for _ in 0..<times { confusion.add(label, takenFor: said) }
        }
        #expect(confusion.counts == [[6, 2, 0], [1, 3, 0], [0, 1, 1]])
        #expect(confusion.total == 14 && confusion.right == 10)
        #expect(confusion.accuracy == 10.0 / 14)
        #expect([0, 1, 2].map(confusion.recall) == [0.75, 0.75, 0.5])
        #expect([0, 1, 2].map(confusion.precision) == [6.0 / 7, 0.5, 1])
        // Of the words: unknown is none.
        #expect(confusion.meanRecall == 0.625)
    }

    @Test func whatThereIsNoneOfHasNoFigure() {
        var confusion = Confusion(["_unknown_", "on", "off"])
        #expect(confusion.accuracy == nil && confusion.meanRecall == nil)
        confusion.add(1, takenFor: 1)
        #expect(confusion.recall(2) == nil && confusion.precision(2) == nil && confusion.meanRecall == 1)
    }

    @Test func theFirstOfTheLargest() {
        #expect(largest([0.1, 0.5, 0.5] as [Float]) == 1)
        #expect(largest([3.0][0...]) == 0)
    }
}
