// Shows the OpenAPI document that the page names.
const place = document.getElementById("api");
SwaggerUIBundle({ domNode: place, url: place.dataset.document, docExpansion: "list", defaultModelsExpandDepth: 0, validatorUrl: null });
