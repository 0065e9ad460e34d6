/// Keys that were made for these tests and are nowhere else.
extension TrustTests {
    static let ecKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgpjMtK7dmRlACs0h6
        Gb1JSHbNCCmpNy332Iv8/hRJP7KhRANCAAQPH6Ol4idpnvvg6NvwU+S6roVEoxL3
        AvZUoloduKmkAeA5jeZ31kJLOiDngblsNmpkFiW3UrT8+btFc07nFaWz
        -----END PRIVATE KEY-----
        """

    static let rsaKey = """
        -----BEGIN PRIVATE KEY-----
        MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCY7t2f4SeqSk3H
        q/SWqIf6fNdlqSxhCLs0EYxcLHKtv4fpko+9PDeMX/TWJpbtCjJ74MM4TRqCLg3x
        eFCk4veGZ7HnthXvbq7fo5SYsCLPoSltwo5uxlW9DWo3DvLFnFiX1sE/rMNNe2tU
        eiU1FWl6n+Wku7g5hyIT8u1quf9GwQPoWbASznkjDCA+3pYhUYQOnWOWZl7y7AVM
        m1Vng1SX9l7+OX2O8ka78fpGQ7hNEk0GR0R/VSRPx+e5WGAX4SUrAhLr5eMTYxpd
        syr/u7P88rMeoAOzbo1PgD6kpKiIf8BvYq97g2J5DxJHFpW0ocg51qYa7QfusnQf
        VtZ4zZh1AgMBAAECggEACvOH8Uv5QCuD+Flq8WLuIdTQw9nicKxkY20iRPN13tVJ
        UUOKgX2PaMDyUmd/BUhmpxJISH7U+B9+Jh18gOIz4W8JgVM7rOKbKS6YlHqAc6fR
        xKda9bnEJ/6O7ZRndBknCvB49CtV7PV6kRkSEwQOgpZypmI+5fe0TANoVu0sx48s
        c05M1bq2VvLxMp0GNFvVxnuHIQkBHRRYq6hLm4bH5mAZnVrcidGqSJfiff0/2hYf
        jnGAypT+4x7Y8aezvPNEhww+AoEVhjisH07wER1zthK9pKTffdjDlI3XiTZvoEZE
        KEy974rdZnocXFCmbvjUZl+vi+hTvWLfhswy/IGUAQKBgQDMMOM1QcA6tQSDzK3f
        AFcOXvqtu+57J40jsqTCTvtYr2ixHdvGn+T+1ug8ysiYqIrsgChAS4u7EfHxpj70
        YOhywkx+jS+tU9ifpk1T0WUBs5+va733Osb8CQkt/d2Ab8Tc0jF35JXYaqCTONJk
        8+j2d4tQihnmDd+Zj6tjRZzFAQKBgQC/vIysdHShEs7RODE3Wnif/8CD9u+QHHXc
        M2mM1RZHqz1wDBayemoQS3j2Kn1CezyAE7pcL4slDG22xRzx7M+0TRC6dZAUExmL
        IwU2lbxix4baDn9qh5ZOfVGVsb5wAicJcL1zXDBrfXdXl+TMIUKJQHZSzk8IeU9l
        Bn49ihyPdQKBgDo9s4DsSS01lp0VU36o9SvXMX8+fG5KQLqu6Mm3h3+rQJxMXPSR
        hNqfZ8x3NrI8WKvOfiygn7FzE+SOO6Suw36AJxttn+y7Xq1i3OmMb1gF6QU7IQsU
        i881sJWatIQ+3RLzLUL6Qzdgan6zlWdQHuG2BVmqmmqBCIcfcI43O9kBAoGAT4h1
        zd9stZfopE6r06s6mBvtjo/y5ZN4rEPDR8DoQghdLspE6/ntXx7/aRVM6jPWb8Y/
        KpgqHs8d/4+aJxw1ODQzeTTk8/7MPLPlKLRJ9auQW4lh/x2JErvXCMI3HZ029iqG
        24BlMWFVDMecB7TQNcDAlC6yB/DSJzTfTsWofTUCgYEAriZx5prdTysqcRivV/K2
        oU+fLhWI/ebC6CM6A4VRWsTy4+M0fQdUIsGgwZcDqFiVNTZsKM1VfTyEbyPtbRkH
        DszEhoYPVlwtfF4t9/n4D2JGdsVLvi8lnr6fvjjJ7dRNT1+zNh3eMgcZoFPA7dvS
        RVrJ0Z9Y/9zfhMo6Utl4Nwc=
        -----END PRIVATE KEY-----
        """
}
