/** Styles that a script carries as text; `build.js` puts them in. */
declare module "*.css" {
  const text: string;
  export default text;
}
