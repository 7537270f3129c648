/** What a field for one file says. */
export const ONE_FILE = {
  uploadButtonText: () => "Choose a file",
  dropzoneText: () => "Drop the file",
  removeFileAriaLabel: () => "Remove the file",
  limitShowFewer: "Fewer",
  limitShowMore: "More",
  errorIconAriaLabel: "Error",
};
