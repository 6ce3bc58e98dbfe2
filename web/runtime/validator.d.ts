/** The module that `tools/validator.js` makes of `cutouts/bundle.schema.json`. */

declare module "virtual:manifest-validator" {
  interface Validate {
    (json: unknown): boolean;
    readonly errors?: readonly { readonly instancePath: string; readonly message?: string }[] | null;
  }
  const validate: Validate;
  export default validate;
}
