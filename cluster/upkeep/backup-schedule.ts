/** What may stand in each field of a cron line: the first value and the last. */
const fields = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const;

const DAY_MINUTES = 24 * 60;

/**
 * The longest time between two runs of a cron line, in minutes: after that, one must have been made.
 *
 * @param schedule five fields of digits and `* / , -`; every leap year and weekday of four years counts.
 * @returns undefined for a line that never comes, such as the 30th of February, or once in four years.
 */
export function longestPause(schedule: string): number | undefined {
  const [minutes, hours, days, months, weekdays] = schedule
    .split(" ")
    .map((field, index) => valuesOf(field, fields[index] ?? [0, 0]));
  if (!minutes || !hours || !days || !months || !weekdays) return undefined;
  const times = hours.flatMap((hour) => minutes.map((minute) => hour * 60 + minute));
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const [, , dayField, , weekdayField] = schedule.split(" ");
  // Where both are limited, one of the two is enough.
  const either = dayField !== "*" && weekdayField !== "*";
  const dates = Array.from({ length: FOUR_YEARS }, (_, index) => index).filter((index) => {
    const date = new Date(Date.UTC(2024, 0, 1 + index));
    const weekday = date.getUTCDay();
    const isDay = days.includes(date.getUTCDate());
    const isWeekday = weekdays.includes(weekday) || (weekday === 0 && weekdays.includes(7));
    return months.includes(date.getUTCMonth() + 1) && (either ? isDay || isWeekday : isDay && isWeekday);
  });
  if (dates.length < 2) return undefined;
  const overnight = pausesIn(dates).map((pause) => pause * DAY_MINUTES + first - last);
  return Math.max(...overnight, ...pausesIn(times));
}

const FOUR_YEARS = 4 * 365 + 1;

function pausesIn(numbers: readonly number[]): readonly number[] {
  return numbers.slice(1).map((number, index) => number - (numbers[index] ?? number));
}

/** In ascending order, such as of `*`, `1-5`, `0-23/6` or `5,20`. */
function valuesOf(field: string, [least, most]: readonly [number, number]): readonly number[] {
  const values = field.split(",").flatMap((part) => {
    const [range = "", step = "1"] = part.split("/");
    const [from = "", to = part.includes("/") ? `${most}` : from] =
      range === "*" ? [`${least}`, `${most}`] : range.split("-");
    const all = Array.from({ length: Math.max(0, Number(to) - Number(from) + 1) }, (_, index) => index);
    return all
      .filter((index) => index % Math.max(1, Number(step)) === 0)
      .map((index) => Number(from) + index);
  });
  return [...new Set(values)].filter((value) => value >= least && value <= most).sort((a, b) => a - b);
}
