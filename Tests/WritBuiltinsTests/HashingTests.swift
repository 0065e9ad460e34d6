import Testing

/// Digests and keyed digests: answers of OPA 1.20.2.
struct HashingTests {
    private static let cases: [(call: String, result: String)] = [
        (#"crypto.md5 """#, #""d41d8cd98f00b204e9800998ecf8427e""#),
        (#"crypto.md5 "abc""#, #""900150983cd24fb0d6963f7d28e17f72""#),
        (#"crypto.md5 "é日😀""#, #""ead29fc5896858534e01df248386f928""#),
        (
            #"crypto.md5 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa""#,
            #""ef1772b6dff9a122358552954ad0df65""#
        ),
        (
            #"crypto.md5 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa""#,
            #""3b0c8ac703f828b04c6c197006d17218""#
        ),
        (
            #"crypto.md5 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa""#,
            #""014842d480b571495a4a0363793f7367""#
        ),
        (
            #"crypto.md5 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa""#,
            #""8a7bd0732ed6a28ce75f6dabc90e1613""#
        ),
        (
            #"crypto.md5 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa""#,
            #""887f30b43b2867f4a9accceee7d16e6c""#
        ),
        (#"crypto.sha1 """#, #""da39a3ee5e6b4b0d3255bfef95601890afd80709""#),
        (#"crypto.sha1 "abc""#, #""a9993e364706816aba3e25717850c26c9cd0d89d""#),
        (#"crypto.sha1 "é日😀""#, #""b3caa6e7b264a782a297c97e6a275f65f31c3638""#),
        (
            #"crypto.sha1 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa""#,
            #""c1c8bbdc22796e28c0e15163d20899b65621d65a""#
        ),
        (
            #"crypto.sha1 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa""#,
            #""c2db330f6083854c99d4b5bfb6e8f29f201be699""#
        ),
        (
            #"crypto.sha1 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa""#,
            #""0098ba824b5c16427bd7a1122a5a442a25ec644d""#
        ),
        (
            #"crypto.sha1 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa""#,
            #""ee971065aaa017e0632a8ca6c77bb3bf8b1dfc56""#
        ),
        (
            #"crypto.sha1 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa""#,
            #""e61cfffe0d9195a525fc6cf06ca2d77119c24a40""#
        ),
        (#"crypto.sha256 """#, #""e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855""#),
        (#"crypto.sha256 "abc""#, #""ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad""#),
        (#"crypto.sha256 "é日😀""#, #""48461f9ffd00e070c49b8c64d3a1cefcc2aaf0cc200b70305d7fea432951f5f3""#),
        (
            #"crypto.sha256 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa""#,
            #""9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318""#
        ),
        (
            #"crypto.sha256 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa""#,
            #""b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a""#
        ),
        (
            #"crypto.sha256 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa""#,
            #""ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb""#
        ),
        (
            #"crypto.sha256 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa""#,
            #""31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb""#
        ),
        (
            #"crypto.sha256 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa""#,
            #""c2a908d98f5df987ade41b5fce213067efbcc21ef2240212a41e54b5e7c28ae5""#
        ),
        (#"crypto.hmac.md5 "" ; """#, #""74e6f7298a9c2d168935f58c001bad88""#),
        (#"crypto.hmac.md5 "message" ; "key""#, #""4e4748e62b463521f6775fbf921234b5""#),
        (
            #"crypto.hmac.md5 "mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm" ; "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk""#,
            #""95e206777c21c52c1797e76b5b4f4cd2""#
        ),
        (
            #"crypto.hmac.md5 "mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm" ; "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk""#,
            #""a4854d7d4afad2da003152d61dda30c5""#
        ),
        (
            #"crypto.hmac.md5 "m" ; "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk""#,
            #""94a586e490dd6db9ed3c6397728c1880""#
        ),
        (
            #"crypto.hmac.md5 "mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm" ; "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk""#,
            #""e4ef5b5c99bceb092e120eab70a42cd8""#
        ),
        (#"crypto.hmac.sha1 "" ; """#, #""fbdb1d1b18aa6c08324b7d64b71fb76370690e1d""#),
        (#"crypto.hmac.sha1 "message" ; "key""#, #""2088df74d5f2146b48146caf4965377e9d0be3a4""#),
        (
            #"crypto.hmac.sha1 "mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm" ; "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk""#,
            #""ab242390e8bdc99e2849ea3d7a312189de658465""#
        ),
        (
            #"crypto.hmac.sha1 "mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm" ; "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk""#,
            #""cba3e454dd877754c4e5e4af1a8bf93c5ca181aa""#
        ),
        (
            #"crypto.hmac.sha1 "m" ; "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk""#,
            #""b098373abf07fcd83a91af236c18cb3153354735""#
        ),
        (
            #"crypto.hmac.sha1 "mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm" ; "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk""#,
            #""09371abf692d49a2f179140ac7a6f27f80954aa3""#
        ),
        (#"crypto.hmac.sha256 "" ; """#, #""b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad""#),
        (
            #"crypto.hmac.sha256 "message" ; "key""#,
            #""6e9ef29b75fffc5b7abae527d58fdadb2fe42e7219011976917343065f58ed4a""#
        ),
        (
            #"crypto.hmac.sha256 "mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm" ; "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk""#,
            #""aca44322e090377f3a8a5c98e4bfe14534f52e9f046fa1c83ebdcc916f59c47a""#
        ),
        (
            #"crypto.hmac.sha256 "mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm" ; "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk""#,
            #""c2efcbe72459a6760d97deea6226a9c082f1e9ffa3f64997b85b314991914b21""#
        ),
        (
            #"crypto.hmac.sha256 "m" ; "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk""#,
            #""ef699a99d6d629d2b2f2e5e926dd5fa0bc0706e2d3a5961f88ba803ac78a0e6c""#
        ),
        (
            #"crypto.hmac.sha256 "mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm" ; "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk""#,
            #""baa2e9f9b99c010d53e6a5d2931e6de98e29831862d42ae5f28efc0de83c3562""#
        ),
        (
            #"crypto.hmac.sha512 "" ; """#,
            #""b936cee86c9f87aa5d3c6f2e84cb5a4239a5fe50480a6ec66b70ab5b1f4ac6730c6c515421b327ec1d69402e53dfb49ad7381eb067b338fd7b0cb22247225d47""#
        ),
        (
            #"crypto.hmac.sha512 "message" ; "key""#,
            #""e477384d7ca229dd1426e64b63ebf2d36ebd6d7e669a6735424e72ea6c01d3f8b56eb39c36d8232f5427999b8d1a3f9cd1128fc69f4d75b434216810fa367e98""#
        ),
        (
            #"crypto.hmac.sha512 "mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm" ; "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk""#,
            #""2a06509f86e5e032cb1702aeaece9304c706ed0164460fafc48293fa96b92da2852cdbef246d61a9a6dab6a57cbcda2fb9726d76d68902a066e68cc3e7e24341""#
        ),
        (
            #"crypto.hmac.sha512 "mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm" ; "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk""#,
            #""989c87351306ef8c212f0d984edf82ba7fb1e94c9f71efd6f420be723ff5cfad770180f6e3e98166042fbbb84a522b18af452204d33fd0fcec09cf0837806e92""#
        ),
        (
            #"crypto.hmac.sha512 "m" ; "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk""#,
            #""9592ecd80ce4ede3e27656eda4ba50730bb9f3220571039ccd3970f290c3aed45ae9ec0522d64471f8628a1a57e686d758a1881724e54a67a9f8868d425caa02""#
        ),
        (
            #"crypto.hmac.sha512 "mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm" ; "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk""#,
            #""af204c717c672a8441a9e776ed24c96ad2715d32c004b12873590225e1bb7212a622297926febef489df61e52342de2a975ce70f7434dcb43a5da7ab244c243c""#
        ),
        (#"crypto.hmac.equal "a" ; "a""#, "true"),
        (#"crypto.hmac.equal "a" ; "b""#, "false"),
        (#"crypto.hmac.equal "a" ; "ab""#, "false"),
        (#"crypto.hmac.equal "" ; 1"#, "type: operand 2 must be string but got number"),
        ("crypto.md5 1", "type: operand 1 must be string but got number"),
        (#"crypto.hmac.sha1 "a" ; null"#, "type: operand 2 must be string but got null"),
    ]

    @Test func answersAsOPA() {
        let caller = Caller()
        for (call, result) in Self.cases { #expect(caller.call(call) == result, "\(call)") }
    }
}
