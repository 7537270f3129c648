import { applyDensity, applyMode, Density, Mode } from "@cloudscape-design/global-styles";
import { create } from "zustand";
import { remember, remembered } from "./remembered";

export type Look = "light" | "dark";

const ofSystem = (): Look => (window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

function show(look: Look): void {
  applyMode(look === "dark" ? Mode.Dark : Mode.Light);
  applyDensity(Density.Comfortable);
  document.documentElement.style.colorScheme = look;
}

interface Appearance {
  look: Look;
  toggle(): void;
}

/** Light or dark: as the system is, until somebody chooses. */
export const useAppearance = create<Appearance>((set, get) => {
  const look = remembered<Look>("look", ofSystem());
  show(look);
  return {
    look,
    toggle: () => {
      const chosen: Look = get().look === "dark" ? "light" : "dark";
      show(chosen);
      remember("look", chosen);
      set({ look: chosen });
    },
  };
});
