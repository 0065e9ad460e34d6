/// Indices, the lowest first.
struct IndexQueue {
    /// A heap: none is above those at twice its place.
    private var heap: [Int]

    /// From indices in ascending order.
    init(_ sorted: [Int]) { heap = sorted }

    var isEmpty: Bool { heap.isEmpty }

    mutating func insert(_ index: Int) {
        var place = heap.count
        heap.append(index)
        while place > 0, heap[(place - 1) / 2] > index {
            heap[place] = heap[(place - 1) / 2]
            place = (place - 1) / 2
        }
        heap[place] = index
    }

    mutating func popFirst() -> Int? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return first }
        var place = 0
        while true {
            var child = 2 * place + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
            guard heap[child] < last else { break }
            heap[place] = heap[child]
            place = child
        }
        heap[place] = last
        return first
    }
}
