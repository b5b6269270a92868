// palette: colours for more groups than the style has inks, apart from each other in light and dark.
const light = ['#b1452a', '#2f6470', '#c08a1e', '#5b4a9c', '#4f8a3c', '#b0558f', '#3f76b5', '#7a5a3a', '#1f9a8a', '#8c2f4a', '#6d7a2a', '#6f6a63'];
const dark = ['#ec8560', '#79b8c4', '#e0bb55', '#a99be8', '#8cc978', '#e39ac6', '#84b4ea', '#c7a17c', '#5fd1c0', '#e2829c', '#b9c46a', '#b4ada3'];

export const tone = (i: number, isDark: boolean): string => (isDark ? dark : light)[i % 12]!;
