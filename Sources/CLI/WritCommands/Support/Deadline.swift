import Foundation
import Writ
import WritTooling

extension Evaluator {
    /// Ends whatever is evaluated once `timeout` (such as `500ms`; 0 for never) has passed from now.
    func end(after timeout: String) throws(ProblemReport) {
        guard let seconds = GoDuration.seconds(timeout) else {
            throw ProblemReport(
                .loading, [Problem(message: "invalid timeout \"\(timeout)\": write it like 500ms or 2s")])
        }
        guard seconds > 0 else { return }
        // Written by the thread at any later time, so it is never given back.
        let flag = UnsafeMutablePointer<Bool>.allocate(capacity: 1)
        flag.initialize(to: false)
        interrupt = UnsafePointer(flag)
        let address = UInt(bitPattern: flag)
        Thread.detachNewThread {
            Thread.sleep(forTimeInterval: seconds)
            UnsafeMutablePointer<Bool>(bitPattern: address)?.pointee = true
        }
    }
}
