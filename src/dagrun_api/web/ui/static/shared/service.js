/* Where the service is. A page may be mounted below any path, so it finds the API by its link to the document. */

/** The address of the OpenAPI document; the paths of the API begin beside it. */
export const OPENAPI_URL = document.querySelector('link[rel="service-desc"]').href;
