extension BuiltinExamples {
    /// What the examples call `data.example`: keys, certificates and a token of a plant that is not there.
    public static let data = #"""
        {"example": {
          "ca": \#
        "-----BEGIN CERTIFICATE-----\n\#
        MIIBSjCB8KADAgECAgEBMAoGCCqGSM49BAMCMCMxDjAMBgNVBAoMBVBsYW50MREw\n\#
        DwYDVQQDDAhQbGFudCBDQTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAw\n\#
        MFowIzEOMAwGA1UECgwFUGxhbnQxETAPBgNVBAMMCFBsYW50IENBMFkwEwYHKoZI\n\#
        zj0CAQYIKoZIzj0DAQcDQgAEbYBG+bsudqI6mDxlWJqk1y9NPD1nogD1AfNS5Zkw\n\#
        tZ4MBgFejRdXy93kI/yor6OCOLTnTpKNbxtnDabmjQyfdaMTMBEwDwYDVR0TAQH/\n\#
        BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAxviBib+Ez5ToA49UTG8tcyuafHTU\n\#
        F4RZme09H0KtjYMCIQCpxND5CmKCG9cZZsMDhf2mWzRcAcyjjELQkZniCGOa3A==\n\#
        -----END CERTIFICATE-----\n",
          "device": \#
        "-----BEGIN CERTIFICATE-----\n\#
        MIIBkDCCATWgAwIBAgIBAjAKBggqhkjOPQQDAjAjMQ4wDAYDVQQKDAVQbGFudDER\n\#
        MA8GA1UEAwwIUGxhbnQgQ0EwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAw\n\#
        MDBaMB8xDjAMBgNVBAoMBVBsYW50MQ0wCwYDVQQDDARndy0xMFkwEwYHKoZIzj0C\n\#
        AQYIKoZIzj0DAQcDQgAEEFc4rsjnQTyxtFrS/DNIKjVjN5MRFG936ZnLoEo4wOBM\n\#
        yUlXHZREKKoUzhVt04m3wMNf1cpCQrZlidIrCFdYiqNcMFowDAYDVR0TAQH/BAIw\n\#
        ADArBgNVHREEJDAighJndy0xLnBsYW50LmV4YW1wbGWGDHVybjpkZXY6Z3ctMTAd\n\#
        BgNVHSUEFjAUBggrBgEFBQcDAQYIKwYBBQUHAwIwCgYIKoZIzj0EAwIDSQAwRgIh\n\#
        AP4bLPETX/xfC3DDjoS/4f1lwjtb9gCxaJ1smz4iyKu4AiEA5f34dSSK0KpKAZFA\n\#
        Is0X0zezSgE2FeI6p+6rb0+4ArY=\n\#
        -----END CERTIFICATE-----\n",
          "device_key": \#
        "-----BEGIN PRIVATE KEY-----\n\#
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgCUjv+D59IS6SVb/M\n\#
        Z4+Ke/trWcqXQuwBIfva/TnQj4+hRANCAAQQVziuyOdBPLG0WtL8M0gqNWM3kxEU\n\#
        b3fpmcugSjjA4EzJSVcdlEQoqhTOFW3TibfAw1/VykJCtmWJ0isIV1iK\n\#
        -----END PRIVATE KEY-----\n",
          "ed25519": {
            "kty": "OKP",
            "crv": "Ed25519",
            "x": "Y1Pb4wSjJtYMztwNC1m4qk_gIvkSq7r3OqILyUHUbBs",
            "d": "nAhPO00QzPqTq7o0Cvc8YJ8DWRnqfUEoWwcl8t2p1cA"
          },
          "es256": {
            "kty": "EC",
            "crv": "P-256",
            "x": "R65VcvYcZeTRrJrmoEy0mGq4mnz0Gn7-O-SE8xOl48A",
            "y": "NMdbQQM20tim4kQ220LwJ4jmeLSkOLrmKiPgXOyTq-U",
            "d": "ntH6sWFyYrEH2YhqZY2Ok7LJpQpHH4ujhRmmAcV4pRw"
          },
          "es384": {
            "kty": "EC",
            "crv": "P-384",
            "x": "Vh921uFZZwbBBjEbkiVVb2geNm9comx5VQ7FugWABzOkKdKcofYJjkcopyR4ec-o",
            "y": "1WEKMaKlcv7tkcAUC4PDKpaWh3FxGfUitxDqIQPcMPxr_ElzNRqqnH230Wsit2Rc",
            "d": "-KwR8z0ab8ZKcjSByfxJUIQQz8gQvudhru4YfB3221CmrNnkNrdq2A8WxUw9iaXs"
          },
          "es512": {
            "kty": "EC",
            "crv": "P-521",
            "x": "AJyCwGcr3dBHfgQE8V-BryOEWR38IxI0J04HnwlyHMHS8ccjXQZdWOmwFgZBS78jAjzCftFerlzIvooVm26mvfwu",
            "y": "AEKfGlUYGhGh9hFAn3-Kbz8gJUMkPBB_rCkHiKj3uP2ZEWd3_rxT4qSQp_pahk_xYVNeDy2E25wRSbaIVQLVtbcP",
            "d": "AUEFoDcOqHAwk43gXqTwwEptCBbmKZya9_sxhtqz-U0zJB1CsFJbjLS1nHe8zs6voSMVu4F25eD3ysLi1n2tH27G"
          },
          "request": \#
        "-----BEGIN CERTIFICATE REQUEST-----\n\#
        MIHaMIGBAgEAMB8xDjAMBgNVBAoMBVBsYW50MQ0wCwYDVQQDDARndy0yMFkwEwYH\n\#
        KoZIzj0CAQYIKoZIzj0DAQcDQgAEEFc4rsjnQTyxtFrS/DNIKjVjN5MRFG936ZnL\n\#
        oEo4wOBMyUlXHZREKKoUzhVt04m3wMNf1cpCQrZlidIrCFdYiqAAMAoGCCqGSM49\n\#
        BAMCA0gAMEUCIQCi19hqZVHzVVWKtoS7Y0Xw0oxAoAE8vDZ92k6FSPQdUQIgBn+2\n\#
        7ST21JaEZNmuANlg8x7RLYzztp9wX0JuattFBwk=\n\#
        -----END CERTIFICATE REQUEST-----\n",
          "rsa_key": \#
        "-----BEGIN PRIVATE KEY-----\n\#
        MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQDIngEEaTlUVn+J\n\#
        vGEIRZ0v4w7qzDxrLWS/Z7xIRW6EK0yBD0geliJ8H0tPw9uX4w8JkoHH/ixiVHax\n\#
        ls3TzS466mhBzcV1ujH4c4eYM/tLolriMK6ZnBfIxU2WEnD84VHl/U6VRSCE75c2\n\#
        KWq4VdeL78cNlG3ORYXqLUc07D/3mqQAV8T5mJDaFrGI8ORjm4Lz7tyXSYnghPQe\n\#
        ZiKX5lK0SsUV2jqGGPgMsFCHHluN5eOawjHHjteFbJUxtOkqZRxkG0G/6s60w7Rt\n\#
        gSwzxwebYgi34l0sBfGDePJEiHP1LlRfR8piWm4Vjtf9ttqcugHwUFGCT+G7yIcn\n\#
        PK/BTAxrAgMBAAECggEAHrDdYvleBeL9u+qPxZ4wv+SyoYUBMTxOj2GlUkEc+SdO\n\#
        mufllphNSkPXV6qU65WW9VXueNQPojNdvSle76oSCn1V2ctLDAmiH2o9MjGxng6G\n\#
        bNgZvfI9ST+18OF9W5J03wRzgy6CHRQyQ9zuMKkhQo06HH+6lLXaGMs4e4Yw+wXt\n\#
        wb7OIk0I6LjAqiieWgbCMdyi3jPeSGhCDlPvIO2eY2KihumiFsBy3K6eCuUmy4MK\n\#
        SQlYm81wmCTq9k4EcRWe0+uRVx3JXmflUEaZfc11ZwSH6OEG0BkEVexFCpXHQieV\n\#
        IaTG3R81s4osPb0WDdj1jSwxM0YdIZyILD9sxcliUQKBgQD2F79rkms3pLNBijnh\n\#
        31YDgLbBk1YwopsbxoqX59PyXxA1HIT+RbWX+UxKLPahpyhRV3UDX4PrI9Mz+f61\n\#
        2DSgJ2BxZFYLjBN7HF5ukqjrAZcwuM4P8/OPLeK1zaxzwn+Pf3U147hnWFK8O8OJ\n\#
        fsCU2qKA/o08x5389Mh4ZRzBTQKBgQDQsZTUI/FdWej+cwNks9Z42Lg27YNll9Q7\n\#
        WPs3oWV66c7qOKb36erq5g5q6n3ibohQOyPgf+PLtXbHbEk0Nk4bRbUc/f9GtAS/\n\#
        UB3YH3wYgNJ66nmtjd59HuDfMZde08c/m82qJlX3WUyo6OF/7AE0JDBIILUZ55y7\n\#
        TckDSqoolwKBgCB8FAWUJ1kKAauWHnvlako+FGHLHCaBYG4zMBpLPNwSlmYcZKXX\n\#
        99eezeZAtzGxig3quISAeD5y1S9YQbopVxEJAZ8WOpF9pRisLv7zlx6mcBm7W2AZ\n\#
        uL3etb1/79K8CvCbR5Kcg7wImatFTFN7CtrbXXYfo+8w/nbkrQ3PcxNFAoGARjI1\n\#
        OVYNrbS8ZjoRfiHvlh5veCpT9CwpuvynI4MqOznB247KusD3v6M6XkQZq7w6JaJ+\n\#
        4tihqreTCGkoBmPtycacsO/Omd2bay5rm3KbrzJFmgqcewApQjTMtsZbgA4ECyVA\n\#
        /GaAq/5hhr8uenTLwtoZU2mNAPWjBm2Xm3/V1GkCgYB46wKh3K+yzWIRYsfsP/+h\n\#
        49lsiCgQannfWV6ldX+c44+KUM0p0zVCjqIlN//f69b2RYDfqLID7jaA5YXoOf09\n\#
        0jAsSuznNktTzHbfIrdmzRc2Z57X6oPZujdy5pjb/jTfI+ccCNM02A78WYA1A83r\n\#
        tbTJ9avGILGL9dwED3awPw==\n\#
        -----END PRIVATE KEY-----\n",
          "rsa_public": \#
        "-----BEGIN PUBLIC KEY-----\n\#
        MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAyJ4BBGk5VFZ/ibxhCEWd\n\#
        L+MO6sw8ay1kv2e8SEVuhCtMgQ9IHpYifB9LT8Pbl+MPCZKBx/4sYlR2sZbN080u\n\#
        OupoQc3Fdbox+HOHmDP7S6Ja4jCumZwXyMVNlhJw/OFR5f1OlUUghO+XNilquFXX\n\#
        i+/HDZRtzkWF6i1HNOw/95qkAFfE+ZiQ2haxiPDkY5uC8+7cl0mJ4IT0HmYil+ZS\n\#
        tErFFdo6hhj4DLBQhx5bjeXjmsIxx47XhWyVMbTpKmUcZBtBv+rOtMO0bYEsM8cH\n\#
        m2IIt+JdLAXxg3jyRIhz9S5UX0fKYlpuFY7X/bbanLoB8FBRgk/hu8iHJzyvwUwM\n\#
        awIDAQAB\n\#
        -----END PUBLIC KEY-----\n",
          "token": \#
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJwbGFudCIsInN1YiI6Imd3LTEiLCJzY29wZSI6InJlYWQiLCJleH\#
        AiOjE3NTAwMDAwMDB9.H127o8QyhQg12Rl2EF3UH1T_CwSvpH6bfWQ3yu7xPz0"
        }}
        """#
}
