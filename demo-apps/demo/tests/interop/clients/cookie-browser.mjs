// A browser without script: it keeps cookies, follows redirects and fills in forms.

import { once } from "node:events";
import { request } from "node:http";
import { text } from "node:stream/consumers";

/** Visits one origin only; stops before an address that begins with `home`. */
export class CookieBrowser {
  #cookies = new Map();

  /** Sends a request and returns the answer; redirects are not followed. */
  async send(url, { method = "GET", headers = {}, body } = {}) {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    // Not by fetch: Debian's Node.js 18 does not tell one cookie from the next there.
    const call = request(url, { method, headers: { ...headers, ...(cookie && { cookie }) } });
    call.end(body);
    const [response] = await once(call, "response");
    for (const line of response.headers["set-cookie"] ?? []) this.#keep(line);
    return { status: response.statusCode, location: response.headers.location, html: await text(response) };
  }

  /** Opens an address and follows redirects. The last address may be one of `home`: it is not visited. */
  async open(url, home, options) {
    let address = new URL(url);
    let { status, location, html } = await this.send(address, options);
    for (let hops = 0; hops < 15; hops += 1) {
      if (location === undefined) return { address, status, html };
      address = new URL(location, address);
      if (address.href.startsWith(home)) return { address };
      ({ status, location, html } = await this.send(address));
    }
    throw new Error("the redirects never end");
  }

  /** Sends the form of a page that has the field `field`, with `values` filled in. */
  async submit(page, field, values, home) {
    const form = formWith(page.html, field);
    const body = new URLSearchParams({ ...form.fields, ...values }).toString();
    const headers = { origin: page.address.origin, "content-type": "application/x-www-form-urlencoded" };
    return this.open(new URL(form.action, page.address), home, { method: "POST", body, headers });
  }

  /** The request that a page's own form makes: of a page that posts itself to another origin. */
  static requestOf(page, field) {
    const form = formWith(page.html, field);
    const body = new URLSearchParams(form.fields);
    return new Request(new URL(form.action, page.address), { method: "POST", body });
  }

  #keep(line) {
    const [pair, ...attributes] = line.split(";").map((part) => part.trim());
    const [name, ...value] = pair.split("=");
    if (attributes.some((attribute) => attribute.toLowerCase() === "max-age=0")) this.#cookies.delete(name);
    else this.#cookies.set(name, value.join("="));
  }
}

function formWith(html, field) {
  for (const [, attributes, content] of html.matchAll(/<form([^>]*)>([\s\S]*?)<\/form>/g)) {
    const fields = {};
    for (const [tag] of content.matchAll(/<input[^>]*>/g)) {
      const name = attribute(tag, "name");
      if (name !== undefined) fields[name] = attribute(tag, "value") ?? "";
    }
    if (field in fields) return { action: attribute(attributes, "action"), fields };
  }
  const words = html.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
  throw new Error(`no form has the field ${field}: ${words}`);
}

function attribute(text, name) {
  const value = text.match(new RegExp(`\\s${name}="([^"]*)"`))?.[1];
  return value
    ?.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");
}
