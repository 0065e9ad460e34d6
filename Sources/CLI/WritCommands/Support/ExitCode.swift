/// How commands end: OPA's codes.
///
/// | code | eval | test | check | run |
/// |---|---|---|---|---|
/// | 0 | answered | all passed | no errors | stopped as asked |
/// | 1 | an error; undefined with `--fail`; defined with `--fail-defined` | a test failed or was skipped | errors | could not start |
enum ExitStatus {
    static let success: Int32 = 0
    static let failure: Int32 = 1
}
