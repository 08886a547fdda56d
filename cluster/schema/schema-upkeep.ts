import { daysOfWeek } from "../upkeep/maintenance.ts";
import { mapping, oneWordOf, text, wholeNumber } from "./schema-fields.ts";

const generation = (what: string, path: string) =>
  wholeNumber(1, 1_000_000, `Set rotation.${path} to one more than it is, or leave it.`)
    .default(1)
    .meta({ description: `Raised by one, the next update replaces ${what}` });

/** What the next update replaces: passwords, logins, the authority. */
export const rotation = mapping({
  passwords: generation("the passwords that the cluster's own parts log in with", "passwords"),
  application: generation("the application's login and its password", "application"),
  formerApplication: oneWordOf(["open", "closed"], "Set rotation.formerApplication to open or closed.")
    .default("open")
    .meta({ description: "Whether the application's former login still gets in" }),
  authority: generation("the authority and all certificates", "authority"),
});

/** When work may be done that applications may notice. */
export const maintenance = mapping({
  day: oneWordOf(daysOfWeek, "Set maintenance.day to a day of the week.")
    .optional()
    .meta({ description: "Day on which the window begins", standard: "every day" }),
  start: text(
    /^([01]\d|2[0-3]):[0-5]\d$/,
    "must be a time such as 02:30",
    'Write for example start: "02:30".',
  )
    .optional()
    .meta({
      description: "When the window begins, by the clock of maintenance.timeZone",
      standard: "one at which it lies between 23:00 and 07:00, from the name by a stable hash",
    }),
  minutes: wholeNumber(30, 1440, "Set maintenance.minutes to 60.")
    .default(60)
    .meta({ description: "How long the window is" }),
  timeZone: text(
    /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/,
    "must be the name of a time zone",
    "Write for example timeZone: Europe/Berlin.",
  )
    .default("UTC")
    .meta({ description: "The clock that the window goes by, summer time included" }),
});
