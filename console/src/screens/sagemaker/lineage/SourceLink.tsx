import { to } from "../../../app/links";
import { GoTo } from "../../../blocks/links/GoTo";
import { ImageLink } from "../../../blocks/links/ImageLink";
import { S3Link } from "../../../blocks/links/S3Link";
import type { Entity } from "./reading";
import { namedBy } from "./sources";

/** What an entity stands for, whole, with the way to it where the console has one. */
export function SourceLink({ of }: { of: Entity }) {
  const { text, page } = namedBy(of);
  if (page) return <GoTo to={to(...page)}>{text}</GoTo>;
  if (of.type === "Image") return <ImageLink uri={of.source} />;
  return of.source?.startsWith("s3://") ? <S3Link uri={of.source} /> : text;
}
