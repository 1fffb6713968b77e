/** When a rule's `rate(…)` or `cron(…)` is due. All in UTC. */

export class BadSchedule extends Error {}
export interface Schedule {
  /** The first moment after this one; undefined when there is none any more. */
  next(after: Date): Date | undefined;
}

/** Throws `BadSchedule`. */
export const parseSchedule = (expression: string): Schedule => {
  const [, kind, inner] = /^(rate|cron)\((.*)\)$/.exec(expression) ?? [];
  if (kind === "rate") return rate(inner);
  if (kind === "cron") return cron(inner);
  throw new BadSchedule("Parameter ScheduleExpression is not valid.");
};

const units: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

const rate = (inner: string): Schedule => {
  const [, count, unit, plural] = /^([1-9]\d*) (minute|hour|day)(s?)$/.exec(inner) ?? [];
  if (count === undefined || (count === "1") !== (plural === "")) throw new BadSchedule("Parameter ScheduleExpression is not valid.");
  const every = Number(count) * units[unit];
  return { next: (after) => new Date(after.getTime() + every) };
};

const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const lastYear = 2199;

const cron = (inner: string): Schedule => {
  const fields = inner.trim().split(/\s+/);
  if (fields.length !== 6) throw new BadSchedule("Parameter ScheduleExpression is not valid.");
  const [minute, hour, dayOfMonth, month, dayOfWeek, year] = fields;
  if ((dayOfMonth === "?") === (dayOfWeek === "?")) throw new BadSchedule("Parameter ScheduleExpression is not valid.");
  const minutes = numbers(minute, 0, 59);
  const hours = numbers(hour, 0, 23);
  const inMonths = numbers(month, 1, 12, months);
  const years = numbers(year, 1970, lastYear);
  const onDay = dayOfMonth === "?" ? weekdayRule(dayOfWeek) : dayRule(dayOfMonth);
  const sortedHours = [...hours].sort((a, b) => a - b);
  const sortedMinutes = [...minutes].sort((a, b) => a - b);
  return {
    next(after) {
      const start = new Date(Math.floor(after.getTime() / 60_000) * 60_000 + 60_000);
      const day = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth(), start.getUTCDate()));
      for (; day.getUTCFullYear() <= lastYear; day.setUTCDate(day.getUTCDate() + 1)) {
        if (!years.has(day.getUTCFullYear())) {
          // To the eve of the next year; the loop's step does the rest.
          day.setUTCMonth(11, 31);
          continue;
        }
        if (!inMonths.has(day.getUTCMonth() + 1) || !onDay(day)) continue;
        for (const atHour of sortedHours)
          for (const atMinute of sortedMinutes) {
            const moment = new Date(day.getTime() + atHour * units.hour + atMinute * units.minute);
            if (moment >= start) return moment;
          }
      }
      return undefined;
    },
  };
};

const invalid = () => new BadSchedule("Parameter ScheduleExpression is not valid.");

/** `*`, `1`, `1-5`, `1,3-4`, `0/15`; names where a field has them. */
const numbers = (field: string, low: number, high: number, names: readonly string[] = []): Set<number> => {
  const value = (text: string): number => {
    const named = names.indexOf(text.toUpperCase());
    const number = named >= 0 ? named + low : /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(number >= low && number <= high)) throw invalid();
    return number;
  };
  const found = new Set<number>();
  for (const part of field.split(",")) {
    const [, range, step] = /^([^/]+)(?:\/([1-9]\d*))?$/.exec(part) ?? [];
    if (range === undefined) throw invalid();
    const [from, to, more] = range.split("-");
    if (more !== undefined || (range === "*" ? false : from === "")) throw invalid();
    const first = range === "*" ? low : value(from);
    const last = range === "*" ? high : to !== undefined ? value(to) : step !== undefined ? high : first;
    if (first > last) {
      // FRI-MON goes around the end.
      for (let one = first; one <= high; one += Number(step ?? 1)) found.add(one);
      for (let one = low; one <= last; one += Number(step ?? 1)) found.add(one);
    } else for (let one = first; one <= last; one += Number(step ?? 1)) found.add(one);
  }
  return found;
};

const lastDay = (day: Date) => new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();

const dayRule = (field: string): ((day: Date) => boolean) => {
  if (field === "L") return (day) => day.getUTCDate() === lastDay(day);
  if (field === "LW") return (day) => day.getUTCDate() === nearestWeekday(day, lastDay(day));
  const [, wanted] = /^(\d{1,2})W$/.exec(field) ?? [];
  if (wanted !== undefined) {
    if (Number(wanted) < 1 || Number(wanted) > 31) throw invalid();
    return (day) => Number(wanted) <= lastDay(day) && day.getUTCDate() === nearestWeekday(day, Number(wanted));
  }
  const days = numbers(field, 1, 31);
  return (day) => days.has(day.getUTCDate());
};

/** The day of Monday to Friday nearest to that date, within its month. */
const nearestWeekday = (month: Date, date: number): number => {
  const weekday = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth(), date)).getUTCDay();
  if (weekday === 6) return date === 1 ? 3 : date - 1;
  if (weekday === 0) return date === lastDay(month) ? date - 2 : date + 1;
  return date;
};

const weekdayRule = (field: string): ((day: Date) => boolean) => {
  const one = (text: string): number => [...numbers(text, 1, 7, weekdays)][0] - 1;
  const [, lastOf] = /^(\w+)L$/.exec(field) ?? [];
  if (field === "L") return (day) => day.getUTCDay() === 6;
  if (lastOf !== undefined) {
    const weekday = one(lastOf);
    return (day) => day.getUTCDay() === weekday && day.getUTCDate() + 7 > lastDay(day);
  }
  const [, which, nth] = /^(\w+)#([1-5])$/.exec(field) ?? [];
  if (which !== undefined) {
    const weekday = one(which);
    return (day) => day.getUTCDay() === weekday && Math.ceil(day.getUTCDate() / 7) === Number(nth);
  }
  const days = numbers(field, 1, 7, weekdays);
  return (day) => days.has(day.getUTCDay() + 1);
};
