package dialect_test
import ("testing";"os";"fmt";"strings";"math/rand/v2"
"github.com/hedgerow/hedgerow/internal/ast"
"github.com/hedgerow/hedgerow/internal/dialect"
)
func TestScratch3(t *testing.T){
 for _,d:=range dialect.All(){ var b strings.Builder
  r := rand.New(rand.NewPCG(3, 5))
  for i:=range 1500 { e,full:=randomTree(r,4,"nb"[r.IntN(2)]); s:=printed(t,d,e); fmt.Fprintf(&b,"r%d\t1\tSELECT CASE WHEN (%s) IS NULL THEN %s IS NULL ELSE (%s) = %s END\n",i,s,full,s,full)}
  for i,h:=range hostile { s:=printed(t,d,text(h)); 
    x:=fmt.Sprintf("%X",h); f:="encode(convert_to(%s,'UTF8'),'hex')"; if d.Name!="postgresql" {f="hex(%s)"} else {x=strings.ToLower(x)}
    fmt.Fprintf(&b,"h%d\t%s\tSELECT 'x' || "+f+"\n",i,"x"+x,s)
    q:=rows(call("if", &ast.Like{X:text("z"+h), Pattern:text("z"+strings.NewReplacer(`\`,`\\`,"%",`\%`,"_",`\_`).Replace(h))},1,0)); s2,_,_:=d.Print(q)
    fmt.Fprintf(&b,"l%d\t1\t%s\n",i,s2)
  }
  out:=b.String(); if d.Name=="mariadb"{out=strings.ReplaceAll(out,"SELECT 'x' || hex(","SELECT concat('x', hex(")
   lines:=strings.Split(out,"\n"); for i,l:=range lines{ if strings.Contains(l,"SELECT concat('x', hex("){lines[i]=l+")"}}; out=strings.Join(lines,"\n")}
  os.WriteFile("/tmp/dlct/r_"+d.Name+".tsv",[]byte(out),0o644)}
}
