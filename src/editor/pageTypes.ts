/** The types of our webviews, as the editor keeps them with open tabs and as the manifest's activation events name them. */
export const patchView = 'patchline.patch';
export const dashboardView = 'patchline.dashboard';
