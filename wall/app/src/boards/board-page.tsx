export function BoardPage({ uid }: { readonly uid: string }) {
  return <p>{uid}</p>
}
