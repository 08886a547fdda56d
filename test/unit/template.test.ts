import { describe, expect, it } from "vitest";
import { template } from "../../cluster/render/template.ts";

describe("a template", () => {
  it("throws when a printed value is missing", () => {
    const render = template<object>("haproxy.cfg.hbs");
    expect(() => render({})).toThrow('"socket" not defined');
  });

  it("throws when a helper's value is missing", () => {
    const render = template<object>("etcd.yml.hbs");
    expect(() => render({})).toThrow("a template was given no value for a helper");
  });

  it("throws when a value would break out of its line of an environment file", () => {
    const render = template<object>("archive.env.hbs");
    expect(() => render({ bucket: "b\nAWS_ENDPOINT=http://elsewhere" })).toThrow(
      "a value for an environment file has a line break",
    );
  });
});
