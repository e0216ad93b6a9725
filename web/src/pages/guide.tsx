import { guide, type Chapter } from "../i18n/guide";
import { start } from "../ui/shell";

function Chapters({ title, of }: { title: string; of: Chapter[] }) {
  return (
    <section>
      <h2>{title}</h2>
      {of.map((c) => (
        <div key={c.title}>
          <h3>{c.title}</h3>
          {c.paragraphs.map((p) => (
            <p key={p}>{p}</p>
          ))}
        </div>
      ))}
    </section>
  );
}

function Guide() {
  const g = guide();
  return (
    <>
      <h1>{g.titles.page}</h1>
      <Chapters title={g.titles.reporter} of={g.reporter} />
      <Chapters title={g.titles.officer} of={g.officer} />
    </>
  );
}

void start({ title: "nav.guide" }, Guide);
