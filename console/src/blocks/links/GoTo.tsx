import Link, { type LinkProps } from "@cloudscape-design/components/link";
import type { ReactNode } from "react";
import { BASE, useFollow } from "../../app/links";

interface Props {
  /** Below `/console`, as `to` makes it. */
  to: string;
  children: ReactNode;
  variant?: LinkProps.Variant;
  fontSize?: LinkProps.FontSize;
}

/** A link to another page of the console. */
export function GoTo({ to, children, variant = "secondary", fontSize }: Props) {
  const follow = useFollow();
  return (
    <Link href={BASE + to} variant={variant} onFollow={follow} {...(fontSize ? { fontSize } : {})}>
      {children}
    </Link>
  );
}
