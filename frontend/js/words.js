// The page carries its words in its own language; the scripts have none.
export const word = (name) => document.body.dataset[`words${name[0].toUpperCase()}${name.slice(1)}`] ?? "";
