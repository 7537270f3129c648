import { remembered } from "./remembered";

/**
 * Draws the start page's frame and heading (index.html, still.css) while the scripts that make the page are on their
 * way and are read: two thirds of a second on a busy machine. It is where the page will have it; React clears it away with the
 * same stroke that draws the page.
 */
export function drawStill(): void {
  const root = document.getElementById("root");
  const still = document.getElementById("still");
  if (!root || !(still instanceof HTMLTemplateElement)) return;
  root.append(still.content.cloneNode(true));
  const bySystem = window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  root.classList.toggle("dark", remembered("look", bySystem) === "dark");
  root.classList.toggle("with-navigation", remembered("navigation", window.innerWidth > 900));
}
