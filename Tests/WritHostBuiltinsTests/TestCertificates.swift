/// Certificates and a key made for these tests only: root, intermediate and leaf on P-256, good until 2120.
enum TestCertificates {
    /// CN=root, an authority.
    static let root = """
        -----BEGIN CERTIFICATE-----
        MIIBIDCByKADAgECAgEHMAoGCCqGSM49BAMCMA8xDTALBgNVBAMMBHJvb3QwIBcN
        MjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMA8xDTALBgNVBAMMBHJvb3Qw
        WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATnFXJqhHCfFtVkwdTvClJZU7ynlH0K
        ZPk0cNAZ/0WHxKwt6lsgmgng8hZ2sn9ed8+oVBAvRWwY3aD7/fR10oQKoxMwETAP
        BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIHUqLBIfV3UBI/3sxOKB
        cf4FPg+LDuEHLHiGAqn6XHC0AiA4hXEB6ts6sDcNBxOHC1hzszQIgT3qDZUOmQ3u
        vLjuQg==
        -----END CERTIFICATE-----

        """
    /// The same authority, which allows no authority below it.
    static let shortRoot = """
        -----BEGIN CERTIFICATE-----
        MIIBJTCBy6ADAgECAgEHMAoGCCqGSM49BAMCMA8xDTALBgNVBAMMBHJvb3QwIBcN
        MjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMA8xDTALBgNVBAMMBHJvb3Qw
        WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATnFXJqhHCfFtVkwdTvClJZU7ynlH0K
        ZPk0cNAZ/0WHxKwt6lsgmgng8hZ2sn9ed8+oVBAvRWwY3aD7/fR10oQKoxYwFDAS
        BgNVHRMBAf8ECDAGAQH/AgEAMAoGCCqGSM49BAMCA0kAMEYCIQDK54gr2vsniJGa
        yo9ssSh2OTpNc11BMYdFeznJ/UVmrQIhAK7FN9EbXFZD7katjrmGzWB/7Hua1Jyz
        tg86eAFKJ9Qf
        -----END CERTIFICATE-----

        """
    /// CN=mid, an authority that root signed.
    static let intermediate = """
        -----BEGIN CERTIFICATE-----
        MIIBIDCBx6ADAgECAgEHMAoGCCqGSM49BAMCMA8xDTALBgNVBAMMBHJvb3QwIBcN
        MjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMA4xDDAKBgNVBAMMA21pZDBZ
        MBMGByqGSM49AgEGCCqGSM49AwEHA0IABOgnbZeo6OWEtJGiTF6OVQs1GJaDfxX6
        3U7PFjQ957v8L/cK1FgZQN4B/FOBAqxnythoT7ELYWx/+m9THKWY7NOjEzARMA8G
        A1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgOMySCNY2khULez67bVop
        wN7Z4A7aTsJZIyXGqdpTO1wCIQCwtMN19SkgAvyF2ow3sTfUR45C7dk3Pd1GXuFN
        MZmtZA==
        -----END CERTIFICATE-----

        """
    /// CN=mid with the same key, but no authority.
    static let noAuthority = """
        -----BEGIN CERTIFICATE-----
        MIIBHDCBxKADAgECAgEHMAoGCCqGSM49BAMCMA8xDTALBgNVBAMMBHJvb3QwIBcN
        MjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMA4xDDAKBgNVBAMMA21pZDBZ
        MBMGByqGSM49AgEGCCqGSM49AwEHA0IABOgnbZeo6OWEtJGiTF6OVQs1GJaDfxX6
        3U7PFjQ957v8L/cK1FgZQN4B/FOBAqxnythoT7ELYWx/+m9THKWY7NOjEDAOMAwG
        A1UdEwEB/wQCMAAwCgYIKoZIzj0EAwIDRwAwRAIgRTqeGv0KsrCiy0TohG16R7Uz
        AuiJk3WEN51Nw/Xf4+8CIF97d9lFpIPr35G37FsSm8Zh50I/wszRRwmYm9zR80Wp
        -----END CERTIFICATE-----

        """
    /// CN=leaf for *.device.example and spiffe://example/d, which mid signed.
    static let leaf = """
        -----BEGIN CERTIFICATE-----
        MIIBTjCB9aADAgECAgEHMAoGCCqGSM49BAMCMA4xDDAKBgNVBAMMA21pZDAgFw0y
        MDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowDzENMAsGA1UEAwwEbGVhZjBZ
        MBMGByqGSM49AgEGCCqGSM49AwEHA0IABFOeVDl2kXmMYzmv7ygbWYErmgtQ5UGr
        +6WiVnRxWI8z8mrXzT5fx/uPneQwzPhUAAVPMbq6Vs5iQpjC0jCCzcSjQTA/MAwG
        A1UdEwEB/wQCMAAwLwYDVR0RBCgwJoIQKi5kZXZpY2UuZXhhbXBsZYYSc3BpZmZl
        Oi8vZXhhbXBsZS9kMAoGCCqGSM49BAMCA0gAMEUCIFtrQwO3OMmDakVeAq2HGcCN
        jGfov99CtVT7I//bdGcMAiEAlEdIMv8YxPvnDV8QL9nvEEhTvAX11yJo1/QEUxrg
        b2g=
        -----END CERTIFICATE-----

        """
    /// The leaf's private key.
    static let leafKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg1PyUSGW3NzytI7zQ
        y4FnyQKWiMogkq8BEAwll7M081ahRANCAARTnlQ5dpF5jGM5r+8oG1mBK5oLUOVB
        q/ulolZ0cViPM/Jq180+X8f7j53kMMz4VAAFTzG6ulbOYkKYwtIwgs3E
        -----END PRIVATE KEY-----

        """
}
