/** Forms: plain HTML, each fault beside its field, the same without script. */
import type { Child, Markup } from "../markup.ts";

/** What was typed and what is wrong with it, by field; `""` is about the form as a whole. */
export interface FormState {
  readonly values: Readonly<Record<string, string>>;
  readonly errors: Readonly<Record<string, string>>;
}

/** A form that nobody has filled in yet. */
export const EMPTY_FORM: FormState = { values: {}, errors: {} };

/** A form that is sent by POST. */
export function Form(
  { action, state, children, submit, kind, multipart, id }: {
    action: string;
    state?: FormState | undefined;
    children?: Child;
    /** On the button. */
    submit: string;
    kind?: "primary" | "plain" | "danger";
    /** It carries files. */
    multipart?: boolean;
    id?: string;
  },
): Markup {
  const error = state?.errors[""];
  return (
    <form
      class="form"
      id={id}
      method="post"
      action={action}
      enctype={multipart === true ? "multipart/form-data" : undefined}
    >
      {error !== undefined && <p class="form-error" role="alert">{error}</p>}
      {children}
      <div class="form-end">
        <Button kind={kind ?? "primary"}>{submit}</Button>
      </div>
    </form>
  );
}

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly state?: FormState | undefined;
  readonly hint?: Child | undefined;
  readonly required?: boolean;
  /** Where several forms of a page have a field of this name. */
  readonly id?: string;
}

function idOf({ id, name }: Pick<FieldProps, "id" | "name">): string {
  return id ?? `field-${name}`;
}

function described(props: FieldProps): string | undefined {
  const ids = [
    ...props.hint === undefined ? [] : [`${idOf(props)}-hint`],
    ...props.state?.errors[props.name] === undefined ? [] : [`${idOf(props)}-error`],
  ];
  return ids.length === 0 ? undefined : ids.join(" ");
}

function FieldRoom({ of, children }: { of: FieldProps; children: Child }): Markup {
  const error = of.state?.errors[of.name];
  return (
    <div class={error === undefined ? "field" : "field wrong"}>
      <label for={idOf(of)}>{of.label}</label>
      {children}
      {of.hint !== undefined && <p class="hint" id={`${idOf(of)}-hint`}>{of.hint}</p>}
      {error !== undefined && <p class="field-error" id={`${idOf(of)}-error`}>{error}</p>}
    </div>
  );
}

/** One line of text. A password is never shown again. */
export function TextField(
  props: FieldProps & {
    type?: "text" | "password" | "search" | "email" | "number" | "date" | "datetime-local";
    value?: string;
    autocomplete?: string;
    inputmode?: "text" | "numeric" | "decimal" | "email" | "search" | "url";
    pattern?: string;
    placeholder?: string;
    maxlength?: number;
  },
): Markup {
  const { name, state, type = "text" } = props;
  const typed = type === "password" ? undefined : state?.values[name];
  return (
    <FieldRoom of={props}>
      <input
        id={idOf(props)}
        name={name}
        type={type}
        value={typed ?? props.value}
        required={props.required === true}
        autocomplete={props.autocomplete ?? "off"}
        inputmode={props.inputmode}
        pattern={props.pattern}
        placeholder={props.placeholder}
        maxlength={props.maxlength}
        autocapitalize="none"
        aria-invalid={state?.errors[name] === undefined ? undefined : "true"}
        aria-describedby={described(props)}
      />
    </FieldRoom>
  );
}

/** Several lines. */
export function TextArea(
  props: FieldProps & { rows?: number; value?: string; code?: boolean; placeholder?: string },
): Markup {
  const { name, state } = props;
  return (
    <FieldRoom of={props}>
      <textarea
        id={idOf(props)}
        name={name}
        rows={props.rows ?? 6}
        class={props.code === true ? "code" : undefined}
        required={props.required === true}
        placeholder={props.placeholder}
        aria-invalid={state?.errors[name] === undefined ? undefined : "true"}
        aria-describedby={described(props)}
      >
        {state?.values[name] ?? props.value ?? ""}
      </textarea>
    </FieldRoom>
  );
}

/** One of several. */
export function SelectField(
  props: FieldProps & {
    options: readonly { readonly value: string; readonly text: string }[];
    value?: string;
  },
): Markup {
  const { name, state } = props;
  const chosen = state?.values[name] ?? props.value;
  return (
    <FieldRoom of={props}>
      <select
        id={idOf(props)}
        name={name}
        required={props.required === true}
        aria-invalid={state?.errors[name] === undefined ? undefined : "true"}
        aria-describedby={described(props)}
      >
        {props.options.map(({ value, text }) => (
          <option value={value} selected={value === chosen}>{text}</option>
        ))}
      </select>
    </FieldRoom>
  );
}

/** A file of the reader's machine; several of them where `multiple`. */
export function FileField(props: FieldProps & { multiple?: boolean; accept?: string }): Markup {
  return (
    <FieldRoom of={props}>
      <input
        id={idOf(props)}
        name={props.name}
        type="file"
        multiple={props.multiple === true}
        accept={props.accept}
        required={props.required === true}
        aria-describedby={described(props)}
      />
    </FieldRoom>
  );
}

/** Yes or no. */
export function CheckField(props: FieldProps & { checked?: boolean }): Markup {
  const { name, state } = props;
  const error = state?.errors[name];
  const on = state !== undefined && state !== EMPTY_FORM
    ? state.values[name] === "on"
    : props.checked === true;
  return (
    <div class={error === undefined ? "field check" : "field check wrong"}>
      <input
        id={idOf(props)}
        name={name}
        type="checkbox"
        value="on"
        checked={on}
        aria-describedby={described(props)}
      />
      <label for={idOf(props)}>{props.label}</label>
      {props.hint !== undefined && <p class="hint" id={`${idOf(props)}-hint`}>{props.hint}</p>}
      {error !== undefined && <p class="field-error" id={`${idOf(props)}-error`}>{error}</p>}
    </div>
  );
}

/** Sends the form that it stands in. */
export function Button(
  { kind, children, name, value }: {
    kind?: "primary" | "plain" | "danger";
    children: Child;
    name?: string;
    value?: string;
  },
): Markup {
  return (
    <button class={`button ${kind ?? "plain"}`} type="submit" name={name} value={value}>
      {children}
    </button>
  );
}

/** Leads to another page, and looks like a button. */
export function LinkButton(
  { href, kind, children }: { href: string; kind?: "primary" | "plain"; children: Child },
): Markup {
  return <a class={`button ${kind ?? "plain"}`} href={href}>{children}</a>;
}
