import Writ

/// A table of text with a frame of `+`, `-` and `|`: headings in the middle, cells to the left.
struct TextTable {
    private let headings: [String]
    private var rows: [[String]] = []
    private let hasHeadings: Bool
    private let numbersInLast: Bool

    init(_ headings: [String]) {
        self.headings = headings
        hasHeadings = true
        numbersInLast = false
    }

    /// A table without headings; the last column may stand to the right.
    init(columns: Int, numbersInLast: Bool) {
        headings = Array(repeating: "", count: columns)
        hasHeadings = false
        self.numbersInLast = numbersInLast
    }

    mutating func add(_ row: [String]) { rows.append(row) }

    func text() -> String {
        let widths = headings.indices.map { column in
            max(Self.width(headings[column]), rows.map { Self.width($0[column]) }.max() ?? 0)
        }
        let rule = "+" + widths.map { String(repeating: "-", count: $0 + 2) + "+" }.joined() + "\n"
        var text = rule
        if hasHeadings {
            text += "|"
            for (heading, width) in zip(headings, widths) {
                let gap = width - Self.width(heading)
                text += " " + spaces(gap / 2) + heading + spaces(gap - gap / 2) + " |"
            }
            text += "\n" + rule
        }
        for row in rows {
            text += "|"
            for (index, (cell, width)) in zip(row, widths).enumerated() {
                let gap = spaces(width - Self.width(cell))
                let isOnTheRight = numbersInLast && index == headings.count - 1
                text += " " + (isOnTheRight ? gap + cell : cell + gap) + " |"
            }
            text += "\n"
        }
        return text + rule
    }

    private func spaces(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }

    /// Columns that a text takes: one a scalar.
    private static func width(_ text: String) -> Int {
        text.unicodeScalars.count
    }
}
