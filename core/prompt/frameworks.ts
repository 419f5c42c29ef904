/** What a project is built on and where it starts, from its manifests. Pure. */

/** A manifest, and what a line or a key in it says; the first that is there counts. */
const FRAMEWORKS: readonly (readonly [file: RegExp, mark: RegExp, name: string])[] = [
  [/^package\.json$/, /"next"\s*:/, "Next.js"],
  [/^package\.json$/, /"nuxt"\s*:/, "Nuxt"],
  [/^package\.json$/, /"@angular\/core"\s*:/, "Angular"],
  [/^package\.json$/, /"@sveltejs\/kit"\s*:/, "SvelteKit"],
  [/^package\.json$/, /"@nestjs\/core"\s*:/, "NestJS"],
  [/^package\.json$/, /"electron"\s*:/, "Electron"],
  [/^package\.json$/, /"vue"\s*:/, "Vue"],
  [/^package\.json$/, /"react"\s*:/, "React"],
  [/^package\.json$/, /"svelte"\s*:/, "Svelte"],
  [/^package\.json$/, /"fastify"\s*:/, "Fastify"],
  [/^package\.json$/, /"express"\s*:/, "Express"],
  [/^(?:pyproject\.toml|requirements\.txt)$/, /^[\s"']*django\b/im, "Django"],
  [/^(?:pyproject\.toml|requirements\.txt)$/, /^[\s"']*fastapi\b/im, "FastAPI"],
  [/^(?:pyproject\.toml|requirements\.txt)$/, /^[\s"']*flask\b/im, "Flask"],
  [/^Cargo\.toml$/, /^axum\s*=/m, "axum"],
  [/^Cargo\.toml$/, /^actix-web\s*=/m, "actix-web"],
  [/^Cargo\.toml$/, /^tauri\s*=/m, "Tauri"],
  [/^go\.mod$/, /\bgithub\.com\/gin-gonic\/gin\b/, "Gin"],
  [/^go\.mod$/, /\bgithub\.com\/labstack\/echo\b/, "Echo"],
  [/^Gemfile$/, /^\s*gem ["']rails["']/m, "Rails"],
  [/^composer\.json$/, /"laravel\/framework"\s*:/, "Laravel"],
  [/^composer\.json$/, /"symfony\/framework-bundle"\s*:/, "Symfony"],
  [/^(?:pom\.xml|build\.gradle|build\.gradle\.kts)$/, /\bspring-boot\b/, "Spring Boot"],
];

/** Manifests that are looked into. */
export const MANIFESTS = [
  "package.json",
  "pyproject.toml",
  "requirements.txt",
  "Cargo.toml",
  "go.mod",
  "Gemfile",
  "composer.json",
  "pom.xml",
  "build.gradle",
  "build.gradle.kts",
] as const;

/** Where programs start by custom, the most telling first. */
const ENTRIES =
  "manage.py main.py app.py src/main.py src/main.rs src/lib.rs main.go src/index.ts src/main.ts src/index.tsx src/main.tsx src/index.js src/main.js index.ts index.js main.ts main.js server.js app.js index.php index.html"
    .split(" ");

/** The framework that a project uses, by its manifests' texts; `undefined` where none is known. */
export function findFramework(manifests: ReadonlyMap<string, string>): string | undefined {
  return FRAMEWORKS.find(([file, mark]) =>
    [...manifests].some(([name, text]) => file.test(name) && mark.test(text.slice(0, 100_000)))
  )?.[2];
}

/** The file that a project starts with: as its package.json says, else by custom. */
export function findEntryPoint(paths: ReadonlySet<string>, main: unknown): string | undefined {
  const said = typeof main === "string" ? main.replace(/^\.\//, "") : "";
  return paths.has(said) ? said : ENTRIES.find((path) => paths.has(path));
}
