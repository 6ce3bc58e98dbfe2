/** Texts to try with one click; they belong to no corpus. */

export interface Example {
  readonly name: string;
  readonly text: string;
}

export const EXAMPLES: readonly Example[] = [
  {
    name: "Orbit",
    text: "The probe fired its engine for eleven minutes and settled into orbit around the moon, where it will map ice near the south pole.",
  },
  {
    name: "Overtime",
    text: "Their goalie stopped 38 shots and the captain scored in overtime: the team goes to the playoffs after six years.",
  },
  {
    name: "Graphics",
    text: "How do I rotate a 3D model around its own axis and render it with smooth shading and a texture?",
  },
  {
    name: "Privacy",
    text: "If every phone call can be tapped, strong encryption with a private key is the only protection citizens have left.",
  },
  {
    name: "Motorcycle",
    text: "Looking for a used motorcycle with low mileage. The clutch of my old one slips and the front brake needs new pads.",
  },
  {
    name: "Doctor",
    text: "The patient has had a fever and a dry cough for ten days; the doctor suspects an infection and prescribed antibiotics.",
  },
];
