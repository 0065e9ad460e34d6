/// The proleptic Gregorian calendar over days since 1 January 1970, in whole numbers.
enum Calendar {
    static let secondsPerDay: Int64 = 86_400

    /// The day number of a date. The month may lie outside 1...12 and the day outside its month: both carry over.
    ///
    /// Good for years within ±10^10 and months and days within ±10^11.
    static func day(year: Int64, month: Int64, day: Int64) -> Int64 {
        let months = month &- 1
        let carry = floorDivide(months, 12)
        let month = months &- carry &* 12
        // Years begin in March here, so that the leap day comes last.
        let year = year &+ carry &- (month < 2 ? 1 : 0)
        let era = floorDivide(year, 400)
        let yearOfEra = year &- era &* 400
        let monthOfYear = month < 2 ? month &+ 10 : month &- 2
        let dayOfYear = (153 &* monthOfYear &+ 2) / 5
        let dayOfEra = yearOfEra &* 365 &+ yearOfEra / 4 &- yearOfEra / 100 &+ dayOfYear
        return era &* 146_097 &+ dayOfEra &- 719_468 &+ day &- 1
    }

    /// Seconds since 1 January 1970 at the beginning of a date whose numbers are too large for `day`: as Go 1.24 counts
    /// them, in 64 bits that run over.
    static func runningOver(year: Int64, month: Int64, day: Int64) -> Int64 {
        let months = month &- 1
        let carry = floorDivide(months, 12)
        let month = months &- carry &* 12
        let isEarly = month < 2
        let absoluteYears: UInt64 = 292_277_022_400
        let years = UInt64(bitPattern: year &+ carry &- (isEarly ? 1 : 0)) &+ absoluteYears
        let dayOfYear = ((isEarly ? month &+ 13 : month &+ 1) &* 153 &- 457) / 5
        let days = (146_097 &* (years / 100)) / 4
        let rest = Int64(1461 &* (years % 100) / 4) &+ dayOfYear &+ day &- 1
        let seconds = Int64(bitPattern: days &+ UInt64(bitPattern: rest)) &* secondsPerDay
        // From March of the year -292277022400 to 1970.
        let origin = (292_277_022_400 / 400 &* 146_097 &+ 306 &+ 719_162) &* secondsPerDay
        return seconds &- origin
    }

    /// Year, month and day of a day number.
    static func date(ofDay number: Int64) -> (year: Int64, month: Int, day: Int) {
        let shifted = number &+ 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted &- era &* 146_097
        let yearOfEra = (dayOfEra &- dayOfEra / 1460 &+ dayOfEra / 36_524 &- dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra &- (365 &* yearOfEra &+ yearOfEra / 4 &- yearOfEra / 100)
        let marchMonth = (5 &* dayOfYear &+ 2) / 153
        let day = Int(dayOfYear &- (153 &* marchMonth &+ 2) / 5) &+ 1
        let month = Int(marchMonth < 10 ? marchMonth &+ 3 : marchMonth &- 9)
        return (yearOfEra &+ era &* 400 &+ (month <= 2 ? 1 : 0), month, day)
    }

    static func isLeap(_ year: Int64) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    /// Days of a month (1...12).
    static func days(inMonth month: Int, ofYear year: Int64) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days of a common year before a month (1...13).
    static func daysBefore(month: Int) -> Int {
        var days = 0
        for earlier in 1..<max(1, min(month, 13)) { days &+= Self.days(inMonth: earlier, ofYear: 1) }
        return days
    }

    /// 0 for Sunday.
    static func weekday(ofDay number: Int64) -> Int { Int(number &+ 4 &- floorDivide(number &+ 4, 7) &* 7) }

    @inline(__always)
    static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
        let quotient = a / b
        return a % b < 0 ? quotient &- 1 : quotient
    }

    static func monthName(_ month: Int) -> StaticString {
        switch month {
        case 1: "January"
        case 2: "February"
        case 3: "March"
        case 4: "April"
        case 5: "May"
        case 6: "June"
        case 7: "July"
        case 8: "August"
        case 9: "September"
        case 10: "October"
        case 11: "November"
        default: "December"
        }
    }

    /// 0 for Sunday.
    static func weekdayName(_ day: Int) -> StaticString {
        switch day {
        case 0: "Sunday"
        case 1: "Monday"
        case 2: "Tuesday"
        case 3: "Wednesday"
        case 4: "Thursday"
        case 5: "Friday"
        default: "Saturday"
        }
    }
}

/// A moment as a clock on a wall shows it.
struct WallTime {
    var year: Int64
    var month: Int
    var day: Int
    var hour: Int
    var minute: Int
    var second: Int
    var nanosecond: Int
    /// 0 for Sunday.
    var weekday: Int
    /// 1 on 1 January.
    var dayOfYear: Int
    /// Seconds east of Greenwich.
    var offset: Int
    /// The zone's abbreviation.
    var zone: [UInt8]

    /// The wall time at `seconds` since 1970 in a zone.
    init(seconds: Int64, nanosecond: Int, in zone: TimeZone) {
        let period = zone.period(at: seconds)
        offset = period.offset
        self.zone = period.name
        let local = seconds &+ Int64(period.offset)
        let number = Calendar.floorDivide(local, Calendar.secondsPerDay)
        let rest = Int(local &- number &* Calendar.secondsPerDay)
        (year, month, day) = Calendar.date(ofDay: number)
        hour = rest / 3600
        minute = rest / 60 % 60
        second = rest % 60
        self.nanosecond = nanosecond
        weekday = Calendar.weekday(ofDay: number)
        dayOfYear = Int(number &- Calendar.day(year: year, month: 1, day: 1)) &+ 1
    }
}
